// What both Sentinels are told, one connection each. A line is a command as a shell would read it; `2:` in front says that two
// replies belong to it, `raw:` that the rest are bytes. `{port}` is the master's.

/** Connections, COMMAND, publishing and subscribing, broken requests. */
export const GENERAL: readonly string[] = [
  String.raw`PING
PING hi
PING a b
FOO
FOO a b c
foo 'a\r\nb'
foo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbb
RESET
QUIT`,
  `QUIT a b`,
  `CONFIG GET x
HELLO
HELLO 3
HELLO 3
HELLO 4
HELLO x
HELLO 2 SETNAME
HELLO 2 SETNAME 'a b'
HELLO 2 AUTH default x SETNAME q
CLIENT GETNAME
HELLO 2 FOO
HELLO 2
AUTH x
AUTH default x
AUTH foo x
AUTH a b c
AUTH
CLIENT
CLIENT HELP
CLIENT FOO
CLIENT ID x
CLIENT ID
CLIENT SETNAME
CLIENT SETNAME 'a b'
CLIENT SETNAME 'ab'
CLIENT GETNAME
CLIENT SETNAME ''
CLIENT GETNAME
CLIENT INFO
CLIENT LIST
CLIENT LIST TYPE
CLIENT LIST TYPE foo
CLIENT LIST TYPE pubsub
CLIENT LIST ID
CLIENT LIST ID 1 2 x
CLIENT LIST ID 999999
CLIENT LIST FOO BAR
CLIENT KILL
CLIENT KILL 1.2.3.4:5
CLIENT KILL ID 0
CLIENT KILL ID x
CLIENT KILL ID 99999
CLIENT KILL TYPE foo
CLIENT KILL USER nobody
CLIENT KILL SKIPME maybe
CLIENT KILL ID
CLIENT KILL ID 1 TYPE
CLIENT KILL FOO BAR
CLIENT REPLY foo
CLIENT REPLY on
CLIENT REPLY
CLIENT NO-EVICT on
CLIENT NO-EVICT maybe
CLIENT INFO
CLIENT NO-EVICT off
CLIENT UNPAUSE
CLIENT UNBLOCK 5
CLIENT UNBLOCK 5 foo
CLIENT UNBLOCK x
CLIENT TRACKING on
CLIENT TRACKING off
CLIENT TRACKINGINFO
CLIENT GETREDIR
CLIENT CACHING yes
CLIENT KILL ID 1 SKIPME no ADDR x
COMMAND COUNT
COMMAND LIST x
COMMAND LIST FILTERBY PATTERN cl*
COMMAND LIST FILTERBY ACLCAT admin
COMMAND LIST FILTERBY MODULE foo
COMMAND LIST FILTERBY ACLCAT nosuch
COMMAND LIST FILTERBY foo bar
COMMAND FOO
COMMAND COUNT x
COMMAND INFO ping foo client|id sentinel
COMMAND INFO publish subscribe hello auth shutdown role info
COMMAND INFO
COMMAND GETKEYS
COMMAND GETKEYS PING
COMMAND GETKEYS FOO
COMMAND GETKEYS PUBLISH a
COMMAND GETKEYS PUBLISH a b
COMMAND GETKEYS SENTINEL MASTERS
COMMAND GETKEYSANDFLAGS PING
COMMAND HELP
COMMAND LIST
ROLE
ROLE x
SHUTDOWN FOO
SHUTDOWN NOSAVE SAVE
SHUTDOWN ABORT
INFO
INFO everything
INFO server clients
INFO foo
INFO sentinel foo
INFO a b c sentinel
PUBLISH a
PUBLISH a b
PUBLISH __sentinel__:hello x
PUBLISH __sentinel__:vote x
SUBSCRIBE
2:SUBSCRIBE a b
SUBSCRIBE a
PSUBSCRIBE x*
PING
PING hi
CLIENT ID
SENTINEL MYID
UNSUBSCRIBE nosuch
2:UNSUBSCRIBE
UNSUBSCRIBE
PUNSUBSCRIBE
PUNSUBSCRIBE
PING
SSUBSCRIBE a
PUBSUB channels`,
  `HELLO 3
SUBSCRIBE a
PING
CLIENT ID
PING hi
PSUBSCRIBE b*
UNSUBSCRIBE
UNSUBSCRIBE
PUNSUBSCRIBE
INFO sentinel
CLIENT INFO
CLIENT GETNAME
CLIENT TRACKINGINFO
COMMAND INFO ping foo
COMMAND INFO client
ROLE
HELLO 3 SETNAME someone
CLIENT GETNAME
CLIENT LIST TYPE pubsub
CLIENT ID
CLIENT NO-EVICT on
CLIENT NO-EVICT off
2:SUBSCRIBE a b
SUBSCRIBE a
PUBLISH a b
2:UNSUBSCRIBE
HELLO 2
PING`,
  String.raw`raw:PING\r\n
raw:\r\nPING\r\n\n
raw:sentinel get-master-addr-by-name mymaster\r\n
raw:  PING   "a b"  \n
raw:PING 'it\\'s'\r\n
raw:PING "\\x41\\n\\t\\\\"\r\n
raw:PING a"b\r\n
2:raw:PING\nPING x\n
raw:SENTINEL "mas\\x74ers"\r\n
raw:HELLO 3\r\n
raw:SENTINEL MASTER mymaster\r\n
raw:SENTINEL "mas\\x74ers\r\n`,
  String.raw`raw:PING "a"b\r\n`,
  String.raw`raw:PING 'a\r\n`,
  String.raw`raw:*1\r\n:3\r\n`,
  String.raw`raw:*x\r\n`,
  String.raw`raw:*1\r\n$-5\r\n`,
  String.raw`raw:*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n
raw:POST / HTTP/1.1\r\n`,
  String.raw`raw:Host: foo\r\n`,
  `0:CLIENT REPLY skip
0:PING 1
PING 2
0:CLIENT REPLY off
0:PING
CLIENT REPLY on`,
];

/** SENTINEL and its subcommands. */
export const SENTINEL: readonly string[] = [
  String.raw`SENTINEL
SENTINEL FOO
SENTINEL MYID
SENTINEL MYID x
SENTINEL HELP
SENTINEL HELP x
SENTINEL MASTERS
SENTINEL MASTERS x
SENTINEL MASTER
SENTINEL MASTER foo
SENTINEL MASTER mymaster
SENTINEL MASTER mymaster x
SENTINEL REPLICAS foo
SENTINEL REPLICAS mymaster
SENTINEL SLAVES mymaster
SENTINEL SENTINELS mymaster
SENTINEL SENTINELS foo
SENTINEL GET-MASTER-ADDR-BY-NAME foo
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL GET-MASTER-ADDR-BY-NAME
SENTINEL IS-MASTER-DOWN-BY-ADDR
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 x 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} x *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} 01 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} ' 1' *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} -1 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} -1 aaaa
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
SENTINEL RESET
SENTINEL RESET nosuch*
SENTINEL FAILOVER foo
SENTINEL FAILOVER mymaster x
SENTINEL MONITOR a b
SENTINEL MONITOR a 127.0.0.1 x 1
SENTINEL MONITOR a 127.0.0.1 6379 x
SENTINEL MONITOR a 127.0.0.1 6379 0
SENTINEL MONITOR a 127.0.0.1 6379 -1
SENTINEL MONITOR a 127.0.0.1 0 1
SENTINEL MONITOR a 127.0.0.1 70000 1
SENTINEL MONITOR a 127.0.0.1 -1 1
SENTINEL MONITOR mymaster 127.0.0.1 {port} 1
SENTINEL MONITOR other 127.0.0.1 {port} 1
SENTINEL REMOVE other
SENTINEL MONITOR a nohost.invalid 6379 1
SENTINEL MONITOR a '' 6379 1
SENTINEL MONITOR a ::1 1 1
SENTINEL MASTER a
SENTINEL INFO-CACHE a
SENTINEL REMOVE a
SENTINEL MONITOR '' 127.0.0.1 1 1
SENTINEL REMOVE ''
SENTINEL MONITOR a 127.0.0.1 1 4294967297
SENTINEL REMOVE a
SENTINEL REMOVE foo
SENTINEL REMOVE
SENTINEL SET
SENTINEL SET foo quorum 1
SENTINEL SET mymaster quorum
SENTINEL SET mymaster quorum 0
SENTINEL SET mymaster quorum x
SENTINEL SET mymaster QUORUM 1
SENTINEL SET mymaster quorum 1 foo
SENTINEL SET mymaster quorum 1 foo bar
SENTINEL SET mymaster down-after-milliseconds 0
SENTINEL SET mymaster down-after-milliseconds 30000 parallel-syncs 0
SENTINEL SET mymaster failover-timeout -1
SENTINEL SET mymaster notification-script /bin/true
SENTINEL SET mymaster client-reconfig-script /bin/true
SENTINEL SET mymaster rename-command GET
SENTINEL SET mymaster rename-command '' x
SENTINEL SET mymaster rename-command x ''
SENTINEL SET mymaster rename-command CONFIG foo
SENTINEL SET mymaster rename-command config CONFIG
SENTINEL SET mymaster auth-pass ''
SENTINEL SET mymaster auth-user ''
SENTINEL SET mymaster master-reboot-down-after-period -1
SENTINEL SET mymaster master-reboot-down-after-period 0
SENTINEL CKQUORUM mymaster
SENTINEL CKQUORUM foo
SENTINEL FLUSHCONFIG
SENTINEL FLUSHCONFIG x
SENTINEL PENDING-SCRIPTS
SENTINEL INFO-CACHE
SENTINEL INFO-CACHE foo
SENTINEL CONFIG
SENTINEL CONFIG GET
SENTINEL CONFIG GET *
SENTINEL CONFIG GET announce-*
SENTINEL CONFIG SET
SENTINEL CONFIG SET announce-ip
SENTINEL CONFIG FOO bar
SENTINEL CONFIG SET foo bar
SENTINEL CONFIG SET announce-port -1
SENTINEL CONFIG SET announce-port 70000
SENTINEL CONFIG SET resolve-hostnames maybe
SENTINEL CONFIG SET resolve-hostnames no
SENTINEL DEBUG
SENTINEL DEBUG info-period
SENTINEL DEBUG info-period 0
SENTINEL DEBUG info-period x
SENTINEL DEBUG foo 1
SENTINEL SIMULATE-FAILURE
SENTINEL SIMULATE-FAILURE foo
SENTINEL SIMULATE-FAILURE help
SENTINEL SIMULATE-FAILURE crash-after-election crash-after-promotion
INFO sentinel
SENTINEL SIMULATE-FAILURE
SENTINEL 'my\x00id'
SENTINEL MASTER 'my\x00id'
AUTH 'a\x00b' c`,
  `HELLO 3
SENTINEL MASTERS
SENTINEL MASTER mymaster
SENTINEL REPLICAS mymaster
SENTINEL SLAVES mymaster
SENTINEL SENTINELS mymaster
SENTINEL MASTER foo
SENTINEL MYID
SENTINEL CKQUORUM mymaster
SENTINEL FLUSHCONFIG
SENTINEL SET mymaster quorum 1
SENTINEL SIMULATE-FAILURE help
SENTINEL GET-MASTER-ADDR-BY-NAME mymaster
SENTINEL GET-MASTER-ADDR-BY-NAME foo
SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {port} 0 *
SENTINEL DEBUG
SENTINEL CONFIG GET *
SENTINEL PENDING-SCRIPTS
SENTINEL INFO-CACHE mymaster
SENTINEL HELP
COMMAND INFO auth
COMMAND GETKEYS SENTINEL MASTERS
COMMAND GETKEYSANDFLAGS SENTINEL MASTERS`,
];

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

/** CLIENT TRACKING, PAUSE and UNBLOCK. */
export const MODES: readonly string[] = [
  `client
client help
client unblock
client unblock 1
client unblock x
client unblock 9999 error
client unblock 9999 foo
client unblock 9999 timeout
client unblock 1 2 3
client getredir
client getredir x
client trackinginfo
client trackinginfo x
client caching
client caching yes
client caching no
client caching x
client tracking
client tracking on
client trackinginfo
client getredir
client caching yes
client tracking on
client tracking off
client tracking foo
client tracking on bcast
client tracking off
client tracking on redirect 9999
client tracking on redirect x
client tracking on redirect 0
client tracking on optin optout
client tracking on prefix a
client tracking on bcast prefix a prefix ab
client tracking on bcast prefix a
client trackinginfo
client tracking on
client tracking off
client tracking on optin
client trackinginfo
client caching no
client caching yes
client trackinginfo
client tracking off
client tracking on optout noloop
client trackinginfo
client caching yes
client caching no
client trackinginfo
client tracking on optin
client tracking off
client trackinginfo
client pause
client pause x
client pause -1
client pause 1 foo
client pause 1 write
client pause 1
client pause 1 all
client unpause
client unpause x
client pause 1 all x
client no-evict
client no-touch on
client kill
client id
client setinfo lib-name x
hello 3
client tracking on
client trackinginfo
client caching yes
client tracking on bcast
client trackinginfo
client tracking off
client trackinginfo
command info client|tracking client|pause client|unpause client|unblock client|getredir client|caching client|trackinginfo acl acl|setuser
command docs client|tracking client|pause client|unpause client|unblock client|getredir client|caching client|trackinginfo
command docs acl
command getkeys
command getkeys ping
command getkeys sentinel`,
];
