/** The table of commands. Each does its work in a file of its own under `commands/`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { VERSION } from '../engine/version.ts';
import { formatNames } from '../export/formats/index.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';
import { parsePort } from './port.ts';
import { fail } from './terminal.ts';

const WRONG_USAGE = 2;
const MINUTE_MS = 60_000;

// A closed terminal or a reader that has seen enough: nobody reads any more, and what is recorded must still be sealed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('fieldroom')
  .description('Records a classroom offline, on one clock, into plain files.')
  .version(VERSION)
  .showHelpAfterError('(see: fieldroom --help)')
  // Before the commands are added, which take it over.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE));

interface Common {
  json?: boolean;
  data: string;
}

const data = ['--data <folder>', 'the data folder', join(homedir(), 'Fieldroom')] as const;
const json = ['--json', 'one JSON object as the last line of standard output'] as const;

/** Loads a command's code when it is called, and turns what it throws into one sentence and the exit code. */
function run<A extends unknown[]>(
  load: () => Promise<(...args: A) => Promise<void>>,
  isJson: (args: A) => boolean,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await (await load())(...args);
    } catch (error) {
      fail(error, isJson(args));
    }
  };
}

/** How a destination is reached. Keys come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, FIELDROOM_TUS_TOKEN. */
function placeFlags(command: Command, deadlineMs: number): Command {
  return command
    .option('--endpoint <url>', 'address of an S3-compatible server')
    .option('--region <name>', 'its region')
    .option('--virtual-host', 'the bucket is part of the host name, not of the path')
    .option('--ca <file>', "certificate (PEM) of the server's own authority")
    .option('--part-size <size>', 'size of a part: 8MiB', parseBytes)
    .option('--deadline <duration>', 'give up after this long without progress', parseDuration, deadlineMs)
    .option(...json);
}

const wantsJson = (args: unknown[]): boolean =>
  args.some((arg) => typeof arg === 'object' && arg !== null && (arg as Common).json === true);

program
  .command('app')
  .description('open the app')
  .option(...data)
  .option('--kit <file>', 'the kit to begin with')
  .action(run(async () => (await import('./commands/app.ts')).app, wantsJson));
program
  .command('record')
  .description('start the appliance without windows, record, seal, and print what was recorded')
  .requiredOption('--kit <file>', 'the kit: what to record')
  .requiredOption('--for <duration>', 'how long: 30s, 5m, 1h30m', parseDuration)
  .option(...data)
  .option('--study <id>', "the study; default: the kit's")
  .option(...json)
  .action(run(async () => (await import('./commands/record.ts')).record, wantsJson));
program
  .command('demo')
  .description('record a simulated classroom with the real appliance, and print what was recorded')
  .option('--for <duration>', 'how long', parseDuration, 20_000)
  .option('--data <folder>', 'the data folder; default: a new temporary one')
  .option(...json)
  .action(run(async () => (await import('./commands/demo.ts')).demo, wantsJson));
program
  .command('serve')
  .description('run the recorder alone, without the app')
  .option(...data)
  .option('--port <number>', 'port of the door on 127.0.0.1; default: a free one', parsePort)
  .option(...json)
  .action(run(async () => (await import('./commands/serve.ts')).serve, wantsJson));
program
  .command('inspect')
  .description('tell what a session holds')
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/inspect.ts')).inspect, wantsJson));
placeFlags(
  program
    .command('verify')
    .description(
      'check every packet, sample and file of a session, or all files of a received one; changes nothing (exit 0 whole, 1 findings, 2 no session)',
    )
    .argument('<session>', 'the folder of a session; s3://bucket/prefix/study/session; a receipt, or tus+ its address'),
  2 * MINUTE_MS,
).action(run(async () => (await import('./commands/verify.ts')).verify, wantsJson));
placeFlags(
  program
    .command('upload')
    .description(
      'send a sealed session to a destination and prove that it is whole there; goes on where it ended before',
    )
    .argument('<session>', 'the folder of a session')
    .requiredOption(
      '--to <destination>',
      's3://bucket/prefix, tus+https://host/files/, rclone:remote:path, or a folder',
    )
    .option('--data <folder>', 'the data folder with the journal; default: the one that the session lies in')
    .option('--limit <rate>', 'bytes a second at most: 500kB, 2MB', parseBytes)
    .option('--stall <duration>', 'how long nothing may move before a request is given up', parseDuration)
    .option('--while-recording', 'do not wait while a session is recorded here'),
  30 * MINUTE_MS,
).action(run(async () => (await import('./commands/upload.ts')).upload, wantsJson));
program
  .command('report')
  .description("tell where a session's timing report is; of a session that has none, one is made")
  .argument('<session>', 'the folder of a session')
  .option('--out <folder>', 'make it anew, there')
  .option(...json)
  .action(run(async () => (await import('./commands/report.ts')).report, wantsJson));
program
  .command('export')
  .description("write a session in the formats of a lab's tools; the session is not changed")
  .argument('<session>', 'the folder of a session')
  .requiredOption('--to <format>', `one of: ${formatNames.join(', ')}`)
  .requiredOption('--out <folder>', 'the folder of the export: new or empty')
  .option('--replace', 'replace an earlier export in that folder')
  .option('--stream <id...>', 'only these streams')
  .option(
    '--use <purpose>',
    'analysis, sharing or publication: whose consent does not cover it is left out',
    'analysis',
  )
  .option('--rate <hertz>', 'sound: samples a second, such as 16000 for speech tools', Number)
  .option('--mono', 'sound: one channel')
  .option('--constant-frame-rate', 'video: encoded again with ffmpeg, every frame at a multiple of the frame time')
  .option('--from <moment>', 'clip and grid: begin here: a time (90s, 1m30s) or the code or note of a marker')
  .option('--until <moment>', 'clip and grid: end here')
  .option('--clip <formats>', 'clip: formats to cut, with commas', 'mp4,wav,csv')
  .option('--burn-in', 'grid: time and markers in the picture')
  .option(...json)
  .action(run(async () => (await import('./commands/export.ts')).exportCommand, wantsJson));
program
  .command('import')
  .description('bring annotations back: tiers of ELAN (.eaf), events of BORIS (.boris), transcripts (.vtt, .srt)')
  .argument('<session>', 'the folder of a session')
  .argument('<file>', 'its times count from session time 0, as in an export')
  .option('--author <name>', 'pseudonym or role of whoever annotated', 'import')
  .option(...json)
  .action(run(async () => (await import('./commands/import.ts')).importCommand, wantsJson));
program
  .command('dataset')
  .description('a study across sessions')
  .command('build')
  .description('write all sessions of a study as partitioned Parquet; built again, only what changed is written')
  .argument('<study>', 'the folder of a study')
  .requiredOption('--to <folder>', 'the folder of the data set: new, empty, or of an earlier one')
  .option(
    '--use <purpose>',
    'analysis, sharing or publication: whose consent does not cover it is left out',
    'analysis',
  )
  .option(...json)
  .action(run(async () => (await import('./commands/dataset.ts')).datasetBuild, wantsJson));
program
  .command('uploads')
  .description('the queue of uploads and the history')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/uploads.ts')).uploads, wantsJson));
placeFlags(
  program
    .command('fetch')
    .description('bring a session back from a destination, byte for byte')
    .argument('<session>', 's3://bucket/prefix/study/session, a folder, a receipt, or tus+ its address')
    .requiredOption('--into <folder>', 'a data folder: the session goes to <folder>/<study>/<session>'),
  10 * MINUTE_MS,
).action(run(async () => (await import('./commands/fetch.ts')).fetchSession, wantsJson));
placeFlags(
  program
    .command('free')
    .description('move a session to the trash, after reading all of it back from its destination')
    .argument('<session>', 'the folder of a session')
    .option('--data <folder>', 'the data folder; default: the one that the session lies in')
    .option('--grace <duration>', 'how long the trash keeps it at least', parseDuration, 7 * 24 * 60 * MINUTE_MS)
    .option('--trust-checksums', "believe the server's stored checksums instead of reading every file")
    .option('--trust-cache', 'accept a folder that another program sends elsewhere (a sync client, rclone mount)')
    .option('--same-disk', 'accept a copy on the same disk'),
  2 * MINUTE_MS,
).action(run(async () => (await import('./commands/free.ts')).free, wantsJson));
program
  .command('trash')
  .description('list sessions in the trash, restore one, or delete old ones')
  .option('--restore <id>', 'restore this session')
  .option('--empty', 'delete sessions whose days of grace are over')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/free.ts')).trash, wantsJson));
placeFlags(
  program
    .command('destination')
    .description('about destinations')
    .command('test')
    .description('write, read back and remove a small object, and say what fails')
    .argument('<destination>', 's3://bucket/prefix, tus+https://host/files/, rclone:remote:path, or a folder'),
  5000,
).action(run(async () => (await import('./commands/destination.ts')).destinationTest, wantsJson));
program
  .command('repair')
  .description(
    'mend a session that was not sealed: drop what is damaged, and say so in it (exit 0 whole now, 1 not all, 2 no session)',
  )
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/repair.ts')).repair, wantsJson));
program
  .command('devices')
  .description('list serial ports and HID devices, what each probably is, and the driver that fits')
  .option(...json)
  .action(run(async () => (await import('./commands/devices.ts')).devices, wantsJson));
program
  .command('emulate')
  .description("start the emulators of a kit's sensors and print the kit with their paths")
  .argument('<kit>', 'the kit file')
  .option('--write <file>', 'write the kit there as well')
  .option(...json)
  .action(run(async () => (await import('./commands/emulate.ts')).emulate, wantsJson));
program
  .command('token')
  .description('URL and token for any LiveKit client of the running appliance')
  .requiredOption('--identity <name>', 'pseudonym of the participant')
  .option('--publish', 'may publish tracks as well')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/token.ts')).token, wantsJson));
// Listed for the help; the set-up part answers it before anything is installed.
program.command('doctor').description('tell what is there, what is missing, and what to do');

await program.parseAsync(process.argv);
