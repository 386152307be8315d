/** The table of commands. Each does its work in a file of its own under `commands/`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { VERSION } from '../engine/version.ts';
import { parseDuration } from './duration.ts';
import { fail } from './terminal.ts';

const WRONG_USAGE = 2;

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
  .option('--port <number>', 'port of the door on 127.0.0.1; default: a free one', Number)
  .option(...json)
  .action(run(async () => (await import('./commands/serve.ts')).serve, wantsJson));
program
  .command('inspect')
  .description('tell what a session holds')
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/inspect.ts')).inspect, wantsJson));
program
  .command('report')
  .description("tell where a session's timing report is; of a session that has none, one is made")
  .argument('<session>', 'the folder of a session')
  .option('--out <folder>', 'make it anew, there')
  .option(...json)
  .action(run(async () => (await import('./commands/report.ts')).report, wantsJson));
program
  .command('verify')
  .description(
    'check every packet, sample and file of a session against its index; changes nothing (exit 0 whole, 1 findings)',
  )
  .argument('<session>', 'the folder of a session')
  .option(...json)
  .action(run(async () => (await import('./commands/verify.ts')).verify, wantsJson));
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
