// What both Sentinels are told about settings, one connection each. A line is a command as a shell would read it; `2:` in front
// says that two replies belong to it, `raw:` that the rest are bytes; `{port}` is the master's.

/** SENTINEL SET and SENTINEL CONFIG: every option, with values of every kind. What is changed is changed back. */
export const SETTINGS: readonly string[] = [
  `SENTINEL SET mymaster
SENTINEL SET mymaster foo
SENTINEL SET nosuch foo
SENTINEL SET nosuch foo bar
SENTINEL SET mymaster monitor x
SENTINEL SET mymaster '' x
SENTINEL SET mymaster down-after-milliseconds
SENTINEL SET mymaster down-after-milliseconds x
SENTINEL SET mymaster down-after-milliseconds -1
SENTINEL SET mymaster down-after-milliseconds 1.5
SENTINEL SET mymaster down-after-milliseconds ' 30000'
SENTINEL SET mymaster down-after-milliseconds 30000x
SENTINEL SET mymaster down-after-milliseconds +30000
SENTINEL SET mymaster down-after-milliseconds 030000
SENTINEL SET mymaster down-after-milliseconds 9223372036854775808
SENTINEL SET mymaster down-after-milliseconds ''
SENTINEL SET mymaster down-after-milliseconds 30000
SENTINEL SET mymaster DOWN-AFTER-MILLISECONDS 30000
SENTINEL SET mymaster Down-After-Milliseconds 0
SENTINEL SET mymaster failover-timeout
SENTINEL SET mymaster failover-timeout 0
SENTINEL SET mymaster failover-timeout x
SENTINEL SET mymaster failover-timeout 180000
SENTINEL SET mymaster parallel-syncs
SENTINEL SET mymaster parallel-syncs -1
SENTINEL SET mymaster parallel-syncs x
SENTINEL SET mymaster parallel-syncs 1
SENTINEL SET mymaster quorum -1
SENTINEL SET mymaster quorum 1.5
SENTINEL SET mymaster quorum ''
SENTINEL SET mymaster quorum 1
SENTINEL SET mymaster auth-pass
SENTINEL SET mymaster auth-user
SENTINEL SET mymaster auth-pass '' auth-user ''
SENTINEL SET mymaster notification-script
SENTINEL SET mymaster notification-script ''
SENTINEL SET mymaster NOTIFICATION-SCRIPT /nowhere
SENTINEL SET mymaster client-reconfig-script
SENTINEL SET mymaster client-reconfig-script ''
SENTINEL SET mymaster rename-command
SENTINEL SET mymaster rename-command foo bar
SENTINEL SET mymaster rename-command foo baz rename-command x
SENTINEL SET mymaster rename-command foo foo
SENTINEL SET mymaster master-reboot-down-after-period
SENTINEL SET mymaster master-reboot-down-after-period x
SENTINEL SET mymaster master-reboot-down-after-period ''
SENTINEL SET mymaster master-reboot-down-after-period 1000
SENTINEL SET mymaster MASTER-REBOOT-DOWN-AFTER-PERIOD 0
SENTINEL SET mymaster quorum 1 parallel-syncs 1 failover-timeout 180000
SENTINEL SET mymaster quorum 1 parallel-syncs
SENTINEL SET mymaster quorum 1 parallel-syncs 0
SENTINEL SET mymaster quorum 0 parallel-syncs 0
SENTINEL SET mymaster quorum 1 quorum 1
SENTINEL SET mymaster parallel-syncs quorum 1`,
  `SENTINEL CONFIG GET announce-ip
SENTINEL CONFIG GET ANNOUNCE-IP
SENTINEL CONFIG GET announce-???
SENTINEL CONFIG GET announce-????
SENTINEL CONFIG GET [ar]*
SENTINEL CONFIG GET [^ar]*
SENTINEL CONFIG GET [a-r]*
SENTINEL CONFIG GET **hostnames
SENTINEL CONFIG GET sentinel-*
SENTINEL CONFIG GET nosuch
SENTINEL CONFIG GET ''
SENTINEL CONFIG get *-ip
SENTINEL CONFIG SET announce-ip 127.0.0.1
SENTINEL CONFIG GET announce-ip
SENTINEL CONFIG SET announce-ip ''
SENTINEL CONFIG GET announce-ip
SENTINEL CONFIG SET announce-port
SENTINEL CONFIG SET announce-port x
SENTINEL CONFIG SET announce-port ''
SENTINEL CONFIG SET announce-port 1.5
SENTINEL CONFIG SET announce-port 65536
SENTINEL CONFIG SET announce-port 0
SENTINEL CONFIG SET ANNOUNCE-PORT 0
SENTINEL CONFIG SET resolve-hostnames
SENTINEL CONFIG SET resolve-hostnames 1
SENTINEL CONFIG SET resolve-hostnames ''
SENTINEL CONFIG SET resolve-hostnames YES
SENTINEL CONFIG GET resolve-hostnames
SENTINEL MONITOR named nowhere.invalid 6379 1
SENTINEL MONITOR named nowhere.invalid 70000 1
SENTINEL MONITOR mymaster nowhere.invalid 6379 1
SENTINEL CONFIG SET Resolve-Hostnames No
SENTINEL CONFIG GET resolve-hostnames
SENTINEL CONFIG SET announce-hostnames maybe
SENTINEL CONFIG SET announce-hostnames no
SENTINEL CONFIG SET sentinel-user
SENTINEL CONFIG SET sentinel-user ''
SENTINEL CONFIG SET sentinel-pass
SENTINEL CONFIG SET sentinel-pass ''
SENTINEL CONFIG SET nosuch x
SENTINEL CONFIG SET '' x
SENTINEL CONFIG SET * x
SENTINEL DEBUG info-period 1000 ping-period 1000
SENTINEL DEBUG info-period 1000 ping-period
SENTINEL DEBUG INFO-PERIOD 1000
SENTINEL DEBUG ping-period -1
SENTINEL DEBUG ping-period 1.5
SENTINEL DEBUG ping-period ''
SENTINEL DEBUG info-period 1000 foo 1
SENTINEL DEBUG`,
];
