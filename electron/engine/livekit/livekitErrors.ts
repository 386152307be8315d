/** Explains errors of the LiveKit server from its program file and its last output. */
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';

const getOne = 'Run `fieldroom doctor`: it tells how to get the LiveKit server for this computer.';

/** Codes that retrying does not fix. */
const permanentCodes = new Set(['livekit.missing', 'livekit.not-executable', 'livekit.damaged', 'livekit.bad-config']);

/** Whether retrying is useless until a person acts. */
export function isPermanent(error: FieldroomError): boolean {
  return permanentCodes.has(error.code);
}

/**
 * Checks the server's file before starting it. A file that is not a program must be detected here: the C library would
 * run it as a shell script.
 * @throws FieldroomError `livekit.missing`, `livekit.not-executable`, `livekit.damaged`
 */
export async function checkServerFile(path: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw missing(path);
  const head = await firstBytes(path).catch(() => undefined);
  if (head === undefined || !(await mayRun(path))) throw notExecutable(path);
  if (!isProgram(head, found.size, platform)) throw damaged(path);
}

/** The error for a server that could not be started at all; `code` is the system's error code (`ENOENT`). */
export function explainSpawnError(path: string, code: string): FieldroomError {
  if (code === 'ENOENT') return missing(path);
  if (code === 'EACCES' || code === 'EPERM') return notExecutable(path);
  if (code === 'ENOEXEC' || code === 'UNKNOWN' || code === 'EFTYPE' || code.startsWith('EBAD')) return damaged(path);
  return fieldroomError('livekit.not-started:code', { code }, { data: { path, code } });
}

/**
 * The error for a server that ended unexpectedly. Its exit code is useless (0 even when a port is taken), so its last
 * output decides; that text must not contain secrets.
 */
export function explainExit(text: string, exit: { code: number | null; signal: string | null }): FieldroomError {
  const data = { said: lastLine(text), code: exit.code, signal: exit.signal };
  if (/address already in use|only one usage of each socket address|forbidden by its access permissions/i.test(text)) {
    const port = /listen (tcp|udp)\w* \S*:(\d+)/.exec(text);
    const which = port === null ? 'A network port' : `${port[1]?.toUpperCase()} port ${port[2]}`;
    return fieldroomError('livekit.port-busy', { which }, { data });
  }
  if (/cannot assign requested address|address is not valid in its context/i.test(text)) {
    return fieldroomError('livekit.address-gone', {}, { data });
  }
  if (/could not (parse|validate) .*config|yaml: /i.test(text)) {
    return fieldroomError('livekit.bad-config', {}, { data });
  }
  const how = exit.signal === null ? '' : ` (signal ${exit.signal})`;
  return fieldroomError('livekit.ended', { how }, { data });
}

/** Converts anything thrown during startup to a readable error. */
export function asFieldroomError(error: unknown): FieldroomError {
  if (error instanceof FieldroomError) return error;
  return fieldroomError('livekit.not-started', {}, { cause: error });
}

function missing(path: string): FieldroomError {
  return fieldroomError('livekit.missing', { path }, { nextStep: getOne, data: { path } });
}

function notExecutable(path: string): FieldroomError {
  return fieldroomError('livekit.not-executable', { path }, { data: { path } });
}

function damaged(path: string): FieldroomError {
  return fieldroomError('livekit.damaged', { path }, { nextStep: getOne, data: { path } });
}

/** Room for the headers of an ELF file. */
const headBytes = 4096;

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function mayRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const machO = ['cffaedfe', 'cefaedfe', 'feedfacf', 'feedface', 'cafebabe', 'cafebabf'];
/** Node's name for a processor and its number in an ELF file. */
const elfMachines: Partial<Record<NodeJS.Architecture, number>> = { x64: 62, arm64: 183, riscv64: 243 };

/**
 * PE; Mach-O of one or many processors; a complete ELF file for this processor; or a script that names its interpreter.
 */
function isProgram(head: Buffer, sizeBytes: number, platform: NodeJS.Platform): boolean {
  const start = head.toString('latin1');
  if (platform === 'win32') return start.startsWith('MZ');
  if (start.startsWith('#!')) return true;
  if (platform === 'darwin') return machO.includes(head.toString('hex', 0, 4));
  if (!start.startsWith('\u007fELF\u0002\u0001') || head.length < 64) return false;
  const machine = elfMachines[process.arch];
  return elfEnd(head) <= sizeBytes && (machine === undefined || head.readUInt16LE(18) === machine);
}

/** Where the last of an ELF file's parts ends: a file that was cut off is shorter. */
function elfEnd(head: Buffer): number {
  const [begin, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  let end = 0;
  for (let part = begin; part < begin + size * count; part += size) {
    if (part + 40 > head.length) return Number.POSITIVE_INFINITY;
    end = Math.max(end, Number(head.readBigUInt64LE(part + 8)) + Number(head.readBigUInt64LE(part + 32)));
  }
  return end;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
}
