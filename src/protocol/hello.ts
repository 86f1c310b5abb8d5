// The hello: how a Sentinel makes itself and its configuration of one master known on `__sentinel__:hello`.
// Here is only its form; whether a hello is believed is decided in `core/hello.ts`.
//
// Eight fields separated by commas, never more and never fewer: stock Sentinels ignore anything else.

import { isHexadecimalId, isHost, parseCount, parsePort } from './words.js';

export interface Hello {
  /** Where the sender's Sentinel port is reached. */
  readonly host: string;
  readonly port: number;
  readonly runId: string;
  readonly currentEpoch: number;
  readonly masterName: string;
  /** The address the sender's configuration advertises for the master. */
  readonly masterHost: string;
  readonly masterPort: number;
  readonly configEpoch: number;
}

const HELLO_FIELDS = 8;

/** Two host names, a long master name and the numbers fit; whatever is longer was not sent by a Sentinel. */
const MAX_PAYLOAD_LENGTH = 2048;

/** The hello in this payload, or null unless it has exactly eight fields and each is what it should be. */
export function parseHello(payload: string): Hello | null {
  const fields = splitPayload(payload, HELLO_FIELDS);
  return fields === null ? null : helloFrom(fields);
}

/** The payload that says this; `parseHello` reads it back. */
export function formatHello(hello: Hello): string {
  return [
    hello.host,
    hello.port,
    hello.runId,
    hello.currentEpoch,
    hello.masterName,
    hello.masterHost,
    hello.masterPort,
    hello.configEpoch,
  ].join(',');
}

/** What can be said of a hello without reading it. */
export interface HelloGist {
  readonly runId: string;
  /** As it stands there. */
  readonly currentEpoch: string;
  /** All the rest: who says what about which master. */
  readonly rest: string;
}

/**
 * Takes the epoch that the sender lives in out of a hello, null where there is no such field. That epoch rises with every election of
 * any master, and is the same in the hellos about all of them; the rest of a hello is mostly what its sender said before.
 */
export function gistOfHello(payload: string): HelloGist | null {
  const secondComma = payload.indexOf(',', payload.indexOf(',') + 1);
  const thirdComma = payload.indexOf(',', secondComma + 1);
  const fourthComma = payload.indexOf(',', thirdComma + 1);
  if (secondComma < 0 || thirdComma < secondComma || fourthComma < thirdComma) return null;
  return {
    runId: payload.slice(secondComma + 1, thirdComma),
    currentEpoch: payload.slice(thirdComma + 1, fourthComma),
    rest: payload.slice(0, thirdComma) + payload.slice(fourthComma),
  };
}

/** The payload's fields if there are exactly `count`. Shared with the vote, which adds one field to the hello's. */
export function splitPayload(payload: string, count: number): readonly string[] | null {
  if (payload.length > MAX_PAYLOAD_LENGTH) return null;
  const fields = payload.split(',', count + 1);
  return fields.length === count ? fields : null;
}

/** The hello in the first eight fields, or null if one of them is not what it should be. */
export function helloFrom(fields: readonly string[]): Hello | null {
  const [host = '', portText = '', runId = '', currentEpochText = '', masterName = '', masterHost = ''] = fields;
  const masterPortText = fields[6] ?? '';
  const configEpochText = fields[7] ?? '';
  const port = parsePort(portText);
  const currentEpoch = parseCount(currentEpochText);
  const masterPort = parsePort(masterPortText);
  const configEpoch = parseCount(configEpochText);
  if (port === null || currentEpoch === null || masterPort === null || configEpoch === null) return null;
  if (!isHost(host) || !isHost(masterHost) || !isHexadecimalId(runId) || !isMasterName(masterName)) return null;
  return { host, port, runId, currentEpoch, masterName, masterHost, masterPort, configEpoch };
}

/** Names are byte strings that the operator chose: anything but nothing at all and control characters. */
function isMasterName(text: string): boolean {
  if (text === '') return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}
