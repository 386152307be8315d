/** The table of commands. The code of each is in its own file under `commands/`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command, Option } from 'commander';
import { VERSION } from '../engine/version.ts';
import { formatNames } from '../export/formats/index.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';
import { parsePort } from './port.ts';
import { fail } from './terminal.ts';

const WRONG_USAGE = 2;
const MINUTE_MS = 60_000;

// EPIPE: the terminal was closed, or a pager quit. The output is lost, but a recording must still be sealed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('fieldroom')
  .description('Records a classroom offline, on one clock, into plain files.')
  .version(VERSION)
  .showHelpAfterError('(see: fieldroom --help)')
  // Set before the commands are added, because they inherit it.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE));

interface Common {
  json?: boolean;
  data: string;
}

const data = ['--data <folder>', 'the data folder', join(homedir(), 'Fieldroom')] as const;
const json = ['--json', 'one JSON object as the last line of standard output'] as const;

/** Loads a command's code when it is called, and turns its errors into one sentence and an exit code. */
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

/** Options for connecting to a destination. Keys come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, FIELDROOM_TUS_TOKEN. */
function placeFlags(command: Command, deadlineMs: number): Command {
  return command
    .option('--endpoint <url>', 'address of an S3-compatible server')
    .option('--region <name>', 'region of the server')
    .option('--virtual-host', 'put the bucket into the host name instead of the path')
    .option('--ca <file>', 'custom CA certificate of the server (PEM)')
    .option('--part-size <size>', 'size of one part, such as 8MiB', parseBytes)
    .addOption(
      new Option('--deadline <duration>', 'give up after this long without progress')
        .argParser(parseDuration)
        .default(deadlineMs, `${deadlineMs / MINUTE_MS}m`),
    )
    .option(...json);
}

const wantsJson = (args: unknown[]): boolean =>
  args.some((arg) => typeof arg === 'object' && arg !== null && (arg as Common).json === true);

program
  .command('app')
  .description('open the app')
  .option(...data)
  .option('--kit <file>', 'the kit to start with')
  .action(run(async () => (await import('./commands/app.ts')).app, wantsJson));
program
  .command('record')
  .description('start the appliance without windows, record and seal a session, and print a summary')
  .requiredOption('--kit <file>', 'the kit that describes what to record')
  .requiredOption('--for <duration>', 'length of the recording: 30s, 5m, 1h30m', parseDuration)
  .option(...data)
  .option('--study <id>', "the study; default: the kit's")
  .option(...json)
  .action(run(async () => (await import('./commands/record.ts')).record, wantsJson));
program
  .command('demo')
  .description('record a simulated classroom with the real appliance, and print a summary')
  .option('--for <duration>', 'how long', parseDuration, 20_000)
  .option('--data <folder>', 'the data folder; default: a new temporary one')
  .option(...json)
  .action(run(async () => (await import('./commands/demo.ts')).demo, wantsJson));
program
  .command('serve')
  .description('run only the recorder, without the app')
  .option(...data)
  .option('--port <number>', 'port of the door on 127.0.0.1; default: any free port', parsePort)
  .option(...json)
  .action(run(async () => (await import('./commands/serve.ts')).serve, wantsJson));
program
  .command('inspect')
  .description("show a session's contents")
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/inspect.ts')).inspect, wantsJson));
placeFlags(
  program
    .command('verify')
    .description(
      'check every packet, sample and file of a session, or all files of a received one; changes nothing (exit code 0: complete, 1: findings, 2: not a session)',
    )
    .argument('<session>', 'the folder of a session, s3://bucket/prefix/study/session, a receipt, or tus+ its address'),
  2 * MINUTE_MS,
).action(run(async () => (await import('./commands/verify.ts')).verify, wantsJson));
placeFlags(
  program
    .command('upload')
    .description('upload a sealed session to a destination and verify the copy; resumes an interrupted upload')
    .argument('<session>', 'the folder of a session')
    .requiredOption(
      '--to <destination>',
      's3://bucket/prefix, tus+https://host/files/, rclone:remote:path, or a folder',
    )
    .option('--data <folder>', 'the data folder with the upload journal; default: the one that contains the session')
    .option('--limit <rate>', 'upload limit per second: 500kB, 2MB', parseBytes)
    .option('--stall <duration>', 'cancel and retry a request after this long without progress', parseDuration)
    .option('--while-recording', 'do not pause while this computer records a session'),
  30 * MINUTE_MS,
).action(run(async () => (await import('./commands/upload.ts')).upload, wantsJson));
program
  .command('report')
  .description("print the path of a session's timing report, creating the report if necessary")
  .argument('<session>', 'the folder of a session')
  .option('--out <folder>', 'create the report again, in this folder')
  .option(...json)
  .action(run(async () => (await import('./commands/report.ts')).report, wantsJson));
program
  .command('export')
  .description("export a session to the formats of a lab's tools; the session is not changed")
  .argument('<session>', 'the folder of a session')
  .requiredOption('--to <format>', `one of: ${formatNames.join(', ')}`)
  .requiredOption('--out <folder>', 'the folder of the export; must be new or empty')
  .option('--replace', 'replace an earlier export in that folder')
  .option('--stream <id...>', 'only these streams')
  .option(
    '--use <purpose>',
    'analysis, sharing or publication: leaves out participants whose consent does not cover it',
    'analysis',
  )
  .option('--rate <hertz>', 'sound: sample rate, such as 16000 for speech tools', Number)
  .option('--mono', 'sound: one channel, the loudest')
  .option('--constant-frame-rate', 'video: re-encode with ffmpeg at a constant frame rate')
  .option('--from <moment>', 'clip: start here: a time (90s, 1m30s), or the code or note of a marker')
  .option('--until <moment>', 'clip: end here')
  .option('--clip <formats>', 'clip: formats to cut, separated by commas', 'mp4,wav,csv')
  .option('--burn-in', 'draw the time and markers into the picture (no format supports this yet)')
  .option(...json)
  .action(run(async () => (await import('./commands/export.ts')).exportCommand, wantsJson));
program
  .command('import')
  .description('import annotations: ELAN tiers (.eaf), BORIS events (.boris), transcripts (.vtt, .srt)')
  .argument('<session>', 'the folder of a session')
  .argument('<file>', 'the file to import; its times count from session time 0, as in an export')
  .option('--author <name>', 'pseudonym or role of the annotator', 'import')
  .option(...json)
  .action(run(async () => (await import('./commands/import.ts')).importCommand, wantsJson));
program
  .command('dataset')
  .description('combine the sessions of a study')
  .command('build')
  .description('write all sessions of a study as partitioned Parquet; running it again writes only what has changed')
  .argument('<study>', 'the folder of a study')
  .requiredOption('--to <folder>', 'the folder of the data set: new, empty, or an earlier data set')
  .option(
    '--use <purpose>',
    'analysis, sharing or publication: leaves out participants whose consent does not cover it',
    'analysis',
  )
  .option(...json)
  .action(run(async () => (await import('./commands/dataset.ts')).datasetBuild, wantsJson));
program
  .command('uploads')
  .description('show the upload queue and its history')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/uploads.ts')).uploads, wantsJson));
placeFlags(
  program
    .command('fetch')
    .description('download a session from a destination, byte for byte')
    .argument('<session>', 's3://bucket/prefix/study/session, a folder, a receipt, or tus+ its address')
    .requiredOption('--into <folder>', 'a data folder; the session is written to <folder>/<study>/<session>'),
  10 * MINUTE_MS,
).action(run(async () => (await import('./commands/fetch.ts')).fetchSession, wantsJson));
placeFlags(
  program
    .command('free')
    .description('move a session to the trash after verifying all of its uploaded copy')
    .argument('<session>', 'the folder of a session')
    .option('--data <folder>', 'the data folder; default: the one that contains the session')
    .addOption(
      new Option('--grace <duration>', 'how long to keep it in the trash')
        .argParser(parseDuration)
        .default(7 * 24 * 60 * MINUTE_MS, '7 days'),
    )
    .option('--trust-checksums', "trust the server's stored checksums instead of reading every file")
    .option('--trust-cache', 'accept a folder that another program uploads (a sync client, rclone mount)')
    .option('--same-disk', 'accept a copy on the same disk'),
  2 * MINUTE_MS,
).action(run(async () => (await import('./commands/free.ts')).free, wantsJson));
program
  .command('trash')
  .description('list sessions in the trash, restore one, or delete old ones')
  .option('--restore <id>', 'restore this session')
  .option('--empty', 'delete sessions whose grace period is over')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/free.ts')).trash, wantsJson));
placeFlags(
  program
    .command('destination')
    .description('test upload destinations')
    .command('test')
    .description('test a destination: write, read back and delete a small object')
    .argument('<destination>', 's3://bucket/prefix, tus+https://host/files/, rclone:remote:path, or a folder'),
  5000,
).action(run(async () => (await import('./commands/destination.ts')).destinationTest, wantsJson));
program
  .command('repair')
  .description(
    'repair a session that was not sealed: remove damaged data and record it as gaps (exit code 0: complete, 1: findings remain, 2: not a session)',
  )
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/repair.ts')).repair, wantsJson));
program
  .command('devices')
  .description('list serial ports and HID devices with the likely device and its driver')
  .option(...json)
  .action(run(async () => (await import('./commands/devices.ts')).devices, wantsJson));
program
  .command('emulate')
  .description("start the emulators of a kit's sensors and print the kit with their paths")
  .argument('<kit>', 'the kit file')
  .option('--write <file>', 'also write the kit to this file')
  .option(...json)
  .action(run(async () => (await import('./commands/emulate.ts')).emulate, wantsJson));
program
  .command('token')
  .description('print the URL and a token with which a LiveKit client can join the running appliance')
  .requiredOption('--identity <name>', 'pseudonym of the participant')
  .option('--publish', 'allow publishing tracks')
  .option(...data)
  .option(...json)
  .action(run(async () => (await import('./commands/token.ts')).token, wantsJson));
// Only for the help: native/fieldroom.mjs runs the doctor before any package is installed.
program.command('doctor').description('check what is installed and what is missing, and how to fix it');

await program.parseAsync(process.argv);
