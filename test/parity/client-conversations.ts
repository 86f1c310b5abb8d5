// What both Sentinels are told about clients, one connection each. A line is a command as a shell would read it; `2:` in front
// says that two replies belong to it, `raw:` that the rest are bytes; `{port}` is the master's.

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

/** HELLO with its options in every order, CLIENT KILL and LIST with their filters. */
export const CLIENTS: readonly string[] = [
  String.raw`HELLO 3 AUTH default x SETNAME one
CLIENT GETNAME
HELLO 3 SETNAME two AUTH default x
CLIENT GETNAME
HELLO 2 SETNAME three SETNAME four
CLIENT GETNAME
HELLO 3 setname five auth nosuch x
HELLO 3 auth nosuch x setname six
CLIENT GETNAME
HELLO 3 SETNAME a AUTH
HELLO 3 SETNAME a AUTH default
HELLO 3 AUTH default
HELLO 3 AUTH
HELLO 3 AUTH default x FOO
HELLO 3 FOO AUTH default x
HELLO 3 AUTH default x AUTH nosuch x
HELLO 3 SETNAME ''
CLIENT GETNAME
HELLO 2 SETNAME "a\nb"
HELLO 2 SETNAME "\xc3\xbc"
HELLO 2
HELLO -1
HELLO 0
HELLO 1
HELLO 3.0
HELLO ''
HELLO 03
HELLO ' 3'
HELLO 99999999999999999999
HELLO SETNAME x
HELLO AUTH default x
HELLO 5 SETNAME x`,
  String.raw`CLIENT KILL ID -1
CLIENT KILL ID 1.5
CLIENT KILL ID ''
CLIENT KILL ID 99999999999999999999
CLIENT KILL ID 99999 ID 99998
CLIENT KILL ID 99999 TYPE normal
CLIENT KILL ID 99999 TYPE NORMAL
CLIENT KILL ID 99999 TYPE master
CLIENT KILL ID 99999 TYPE replica
CLIENT KILL ID 99999 TYPE slave
CLIENT KILL ID 99999 TYPE pubsub
CLIENT KILL ID 99999 TYPE ''
CLIENT KILL TYPE normal ID x
CLIENT KILL TYPE master
CLIENT KILL TYPE replica
CLIENT KILL ADDR 1.2.3.4:5
CLIENT KILL ADDR nonsense
CLIENT KILL ADDR
CLIENT KILL LADDR 1.2.3.4:5
CLIENT KILL LADDR 1.2.3.4:5 ADDR 1.2.3.4:5 SKIPME yes
CLIENT KILL laddr 1.2.3.4:5 skipme NO
CLIENT KILL USER default ID 99999
CLIENT KILL USER default LADDR 1.2.3.4:5
CLIENT KILL USER
CLIENT KILL USER ''
CLIENT KILL SKIPME yes ID 99999
CLIENT KILL SKIPME
CLIENT KILL SKIPME 1 ID 99999
CLIENT KILL ID 99999 FOO
CLIENT KILL FOO bar ID 99999
CLIENT KILL 127.0.0.1
CLIENT KILL ''
CLIENT KILL ID 99999 x y
CLIENT LIST TYPE normal
CLIENT LIST TYPE NORMAL
CLIENT LIST TYPE master
CLIENT LIST TYPE replica
CLIENT LIST TYPE normal ID 1
CLIENT LIST TYPE ''
CLIENT LIST ID 0
CLIENT LIST ID -1
CLIENT LIST ID 99999 99998
CLIENT LIST ID ''
CLIENT LIST x
CLIENT INFO x
CLIENT ID
CLIENT GETNAME x
CLIENT SETNAME "a\nb"
CLIENT SETNAME "\xc3\xbc"
CLIENT SETNAME a!~z
CLIENT GETNAME
CLIENT SETNAME ''
CLIENT REPLY
CLIENT REPLY skip x
CLIENT REPLY ON
CLIENT NO-EVICT
CLIENT NO-EVICT ON
CLIENT NO-EVICT off x`,
];
