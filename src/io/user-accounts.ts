// The users that a configuration asks for, read before anybody is let in, and the file they may be kept in.

import { createHash } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

import { Access } from '../commands/access.js';
import { type Users, usersOfSettings } from '../commands/acl/configured-users.js';
import { readUsers } from '../commands/acl/file.js';
import type { RuleBook } from '../commands/acl/user-rules.js';
import type { UserFile } from '../commands/host.js';
import { REGISTRY } from '../commands/index.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { LoadedConfiguration } from './configuration-loader.js';
import { toByteString, toNative } from './native-text.js';
import { StartFailure, systemReason } from './start-failure.js';

const BOOK: RuleBook = { catalog: REGISTRY, digest: sha256 };
const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o7777;

/**
 * Lets in whom the configuration lets in. Throws `StartFailure` when it cannot be understood: to guess who is meant would open
 * the door. Passwords of `user` lines do not stay readable: the next save keeps their hashes.
 */
export function makeAccess({ directory, server }: LoadedConfiguration): Access {
  const file = userFileOf(server, directory);
  const access = new Access(file === null ? fromSettings(server) : fromFile(file));
  if (server.users.length > 0) server.users = access.lines;
  return access;
}

/** Null when users are kept in the configuration file. */
export function userFileOf({ aclfile }: ServerSettings, directory: string): UserFile | null {
  return aclfile === '' ? null : new FileOfUsers(resolve(directory, toNative(aclfile)));
}

/** Of a byte string, in lower case hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

function fromSettings(server: ServerSettings): Users {
  const users = usersOfSettings(server, BOOK);
  if (typeof users === 'string') throw new StartFailure(`${users}. Critical error while loading ACLs. Exiting.`);
  return users;
}

function fromFile(file: UserFile): Users {
  const users = readUsers(file, BOOK);
  if ('complaint' in users) throw new StartFailure(`Aborting startup because of ACL errors: ${users.complaint}`);
  return users;
}

/** Like the configuration file it is replaced as a whole, so that a crash leaves the old one or the new one. */
class FileOfUsers implements UserFile {
  readonly path: string;
  readonly #nativePath: string;

  constructor(path: string) {
    this.path = toByteString(path);
    this.#nativePath = path;
  }

  read(): string {
    return explained(() => readFileSync(this.#nativePath, 'latin1'));
  }

  write(text: string): void {
    explained(() => replaceFile(this.#nativePath, text));
  }
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeDurably(temporary, text, modeOf(path));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  withFile(dirname(path), 'r', fsyncSync);
}

/** Nobody else may read it before it has its final permissions: it holds hashes of passwords. */
function writeDurably(path: string, text: string, mode: number): void {
  withFile(path, 'w', (file) => {
    writeSync(file, Buffer.from(text, 'latin1'));
    fchmodSync(file, mode);
    fsyncSync(file);
  });
}

function withFile(path: string, flags: 'r' | 'w', use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

function modeOf(path: string): number {
  const known = statSync(path, { throwIfNoEntry: false });
  return known === undefined ? NEW_FILE_MODE & ~process.umask() : known.mode & PERMISSION_BITS;
}

/** Fails with the operating system's words alone, without the name of the call and the path. */
function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Error(systemReason(error), { cause: error });
  }
}
