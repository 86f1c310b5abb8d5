// What both Sentinels are told about users and their permissions, one connection each. A line is a command as a shell would read it; `2:` in front
// says that two replies belong to it, `raw:` that the rest are bytes; `{port}` is the master's.

/** ACL and what it allows. */
export const USERS: readonly string[] = [
  String.raw`ping
acl whoami
acl list
acl users
acl cat
acl cat sentinel
acl cat admin
acl cat connection
acl cat dangerous
acl cat fast
acl cat slow
acl cat pubsub
acl cat keyspace
acl cat scripting
acl cat nosuch
acl cat a b
acl help
acl
acl foo
acl whoami x
acl users x
acl list x
acl getuser
acl getuser nosuch
acl getuser default
acl getuser alice
acl setuser
acl setuser bob
acl getuser bob
acl list
acl setuser bob +nosuch
acl setuser bob +sentinel|nosuch
acl setuser bob +ping|x
acl setuser bob -ping|x
acl setuser bob +@nosuch
acl setuser bob -@nosuch
acl setuser bob foo
acl setuser bob <nopw
acl setuser bob !0000
acl setuser bob #0000
acl setuser bob !9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
acl setuser bob #9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
acl setuser bob #9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
acl setuser bob on >x nocommands +sentinel|myid &foo* ~k*
acl getuser bob
acl list
acl setuser bob &bar
acl setuser bob allchannels &x
acl setuser bob allkeys ~x
acl setuser bob ~a b
acl setuser bob %R~foo
acl setuser bob %X~foo
acl setuser bob %foo
acl setuser bob (+ping)
acl setuser bob "(+ping ~x &y)"
acl setuser bob "(+nosuch)"
acl setuser bob (on)
acl setuser bob (+ping
acl setuser bob +ping)
acl setuser bob clearselectors
acl setuser bob +set|get
acl setuser bob +get
acl setuser bob +sentinel -sentinel|set +@all -@dangerous
acl getuser bob
acl setuser bob nocommands +@admin
acl getuser bob
acl setuser bob -@admin
acl list
acl setuser bob reset
acl list
acl setuser "bo b"
acl setuser "bo\0b" on
acl setuser bob "+pi ng"
acl setuser bob "&a b"
acl setuser bob ">a b" nopass resetpass off skip-sanitize-payload
acl getuser bob
acl setuser bob sanitize-payload resetkeys resetchannels resetpass allcommands ON NoPass
acl getuser bob
acl deluser
acl deluser default
acl deluser nosuch
acl deluser bob nosuch
acl deluser bob default
acl genpass
acl genpass 128
acl genpass 0
acl genpass -1
acl genpass 4096
acl genpass 4097
acl genpass x
acl genpass 1 2
acl log
acl log reset
acl log 5
acl log x
acl log -1
acl log 1 2
acl load
acl save
acl load x
acl dryrun
acl dryrun nosuch ping
acl dryrun alice nosuch
acl dryrun alice ping
acl dryrun alice ping a b c
acl dryrun alice sentinel set
acl dryrun alice sentinel set a b c
acl dryrun alice sentinel nosuch
acl dryrun alice sentinel
acl dryrun alice get x
acl dryrun alice subscribe x
acl setuser carol on >c +ping +subscribe +psubscribe +acl|whoami +acl|dryrun +acl|log &ok*
acl dryrun carol subscribe okx
acl dryrun carol subscribe no
acl dryrun carol psubscribe ok*
acl dryrun carol psubscribe okx
acl dryrun carol publish no x
acl dryrun carol ping
acl dryrun carol sentinel myid
auth carol x
auth nosuch x
auth a b c
auth carol c
acl whoami
ping
info
sentinel myid
sentinel nosuch
nosuch
sentinel
subscribe no
psubscribe okx
2:subscribe oka okb
acl log`,
  `hello 3
acl whoami
acl users
acl list
acl cat
acl cat pubsub
acl getuser nosuch
acl getuser default
acl getuser carol
acl setuser dave on >d &x ~y %R~z -@all +@connection (+sentinel|myid &z)
acl getuser dave
acl list
acl genpass
acl dryrun dave ping
acl dryrun dave info
acl log
acl log reset
acl log
acl help
hello 3 auth dave x
hello 3 auth dave d setname dave
acl whoami
sentinel myid
sentinel masters
info
client list
subscribe q
subscribe x
unsubscribe
hello 2 auth default x
acl log
acl deluser dave`,
  `acl deluser dave carol
acl users
command docs
command info
acl load
acl save`,
];

/** What a user with few permissions is refused. */
export const REFUSED: readonly string[] = [
  `acl setuser eve on >e -@all +ping +sentinel|masters +acl|whoami +hello +client|setname &only
acl dryrun eve sentinel masters
acl dryrun eve sentinel master mymaster
acl dryrun eve subscribe only
acl dryrun eve hello 3
acl dryrun eve hello
acl dryrun eve client setname x
acl dryrun eve client
acl dryrun EVE ping
hello 3 auth eve x
hello 3 auth eve e setname eva
acl whoami
ping
sentinel
sentinel foo
sentinel masters x
sentinel master mymaster
sentinel set mymaster quorum 1
sentinel set
sentinel config get *
sentinel primaries x
client id
client
client foo
client setname
client setname y
client getname
command
command count
info
role
publish only x
publish other x
shutdown foo
acl list
acl setuser eve +@all
nosuch x
hello 3 setname
hello 2 foo
hello 9
auth eve x
auth eve e
auth default x
acl log
acl log 1
acl log reset
acl setuser eve off
auth eve e
hello 2 auth eve e
acl setuser eve on resetpass
auth eve e
acl setuser eve nopass
auth eve anything
ping
auth default x
acl deluser eve
acl whoami`,
];
