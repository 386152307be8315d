/**
 * `npm run chaos -- NAME [options]`: a fault campaign against the real appliance. Prints its table; exit code 1 if anything
 * was wrong, or lost without a recorded gap.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import type { CampaignOptions } from './upload/campaign.ts';

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('must be a whole number');
  return value;
};
type UploadOptions = Omit<CampaignOptions, 'say'>;
const list = (text: string): string[] => text.split(',');

/** Keeps the figures in `test-results/chaos-NAME.json` and `.md`. */
function keep(name: string, report: object, table: string): void {
  const folder = join(import.meta.dirname, '..', '..', 'test-results');
  mkdirSync(folder, { recursive: true });
  const json = JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 1);
  writeFileSync(join(folder, `chaos-${name}.json`), `${json}\n`);
  writeFileSync(join(folder, `chaos-${name}.md`), `${table}\n`);
}

function finish(name: string, report: { faults: string[] }, table: string): void {
  keep(name, report, table);
  const faults = report.faults.map((fault) => `! ${fault}\n`).join('');
  process.stdout.write(`\n${table}\n\n${faults}${report.faults.length} faults\n`);
  process.exitCode = report.faults.length === 0 ? 0 : 1;
}

interface KillCommand {
  seed: number;
  kills: number;
  targets?: string[];
  perSession: number;
  minutes?: number;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const program = new Command('chaos').description('fault campaigns against the real appliance');
program
  .command('kill')
  .description('SIGKILL at random moments of a live recording')
  .option('--seed <number>', 'the same seed gives the same order of kills', whole, 1)
  .option('--kills <number>', 'how many', whole, 300)
  .option('--targets <names>', 'capture,device-host,engine,livekit,operator,main,all', list)
  .option('--per-session <number>', 'kills of one session', whole, 14)
  .option('--minutes <number>', 'time limit; then ends cleanly with its table', whole)
  .action(async (options: KillCommand) => {
    const { killCampaign, killTable } = await import('./kill/campaign.ts');
    const { TARGETS } = await import('./kill/classroom.ts');
    const targets = TARGETS.filter((target) => options.targets?.includes(target) ?? true);
    const report = await killCampaign({ ...options, targets, say });
    const table = killTable(report);
    const { sessions, checked } = report;
    say(`${sessions} sessions, ${checked.pictures} pictures and ${checked.samples} samples read back`);
    finish('kill', report, table);
  });
program
  .command('stop')
  .description('freezes each process of a live recording for some seconds (SIGSTOP)')
  .option('--seed <number>', 'the same seed gives the same order and moments', whole, 1)
  .option('--targets <names>', 'capture,device-host,engine,livekit,operator,main', list)
  .option('--seconds <number>', 'how long', whole, 10)
  .action(async (options: { seed: number; targets?: string[]; seconds: number }) => {
    const { freezeCampaign, freezeTable } = await import('./freeze/campaign.ts');
    const { TARGETS } = await import('./kill/classroom.ts');
    const targets = TARGETS.filter((target) => target !== 'all' && (options.targets?.includes(target) ?? true));
    const report = await freezeCampaign({ seed: options.seed, targets, stillMs: options.seconds * 1000, say });
    finish('stop', report, freezeTable(report));
  });
program
  .command('sfu')
  .description('kills livekit-server every few seconds during a live recording')
  .option('--every <seconds>', 'seconds between two kills', whole, 5)
  .option('--seconds <number>', 'how long', whole, 60)
  .action(async ({ every, seconds }: { every: number; seconds: number }) => {
    const { sfuCampaign, sfuTable } = await import('./freeze/sfu.ts');
    const report = await sfuCampaign({ everyMs: every * 1000, forMs: seconds * 1000, say });
    finish('sfu', report, sfuTable(report));
  });
program
  .command('upload')
  .description('uploads to real servers, killed at random moments and through a faulty network')
  .option('--seed <number>', 'the same seed gives the same moments and faults', whole, 1)
  .option('--kills <number>', 'how many', whole, 200)
  .option('--faults <number>', 'how many', whole, 500)
  .option('--kinds <names>', 'only these kinds of faults, such as stall,slow', list)
  .option('--minutes <number>', 'start no session after this many minutes', whole)
  .option('--lanes <number>', 'sessions in parallel', whole, 2)
  .action(async (options: UploadOptions) => {
    const { uploadCampaign } = await import('./upload/campaign.ts');
    const { uploadTable } = await import('./upload/tables.ts');
    const report = await uploadCampaign({ ...options, say });
    finish('upload', report, uploadTable(report));
  });

program
  .command('torn')
  .description('damaged copies of a session: cut, zeroed, stale, swapped, flipped')
  .option('--seed <number>', 'the same seed gives the same damage', whole, 1)
  .option('--copies <number>', 'how many', whole, 1000)
  .action(async (options: { seed: number; copies: number }) => {
    const { tornCampaign, tornTable } = await import('./torn/campaign.ts');
    const report = await tornCampaign({ ...options, say });
    finish('torn', report, tornTable(report));
  });
program
  .command('replug')
  .description('boards are plugged, unplugged, swapped, reset and reflashed while they are recorded')
  .option('--seed <number>', 'the same seed gives the same actions', whole, 1)
  .option('--plugs <number>', 'how many', whole, 500)
  .action(async (options: { seed: number; plugs: number }) => {
    const { replugCampaign, replugTable } = await import('./replug/campaign.ts');
    const report = await replugCampaign({ ...options, say });
    finish('replug', report, replugTable(report));
  });
program
  .command('power')
  .description('power cuts: copies of a disk image that contains only synced data, taken while recording')
  .option('--seed <number>', 'the same seed gives the same moments', whole, 1)
  .option('--cuts <number>', 'how many', whole, 30)
  .action(async (options: { seed: number; cuts: number }) => {
    const { powerCampaign, powerTable } = await import('./power/campaign.ts');
    const report = await powerCampaign({ ...options, say });
    finish('power', report, powerTable(report));
  });
program
  .command('outsider')
  .description(
    'attacks by another user or program of the laptop: floods, stalled requests, reading files, taking the port',
  )
  .option('--connections <number>', 'silent connections, opened as fast as possible', whole, 2000)
  .action(async ({ connections }: { connections: number }) => {
    const { outsiderCampaign } = await import('./outsider/campaign.ts');
    const report = await outsiderCampaign(connections);
    const table = `${connections} connections; the slowest answer to the operator took ${Math.round(report.slowestMs)} ms`;
    finish('outsider', report, table);
  });

await program.parseAsync(process.argv);
