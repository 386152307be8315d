/** Compares test results from another system with the list of known limits. */
import type { Limit } from './limits.ts';

export interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

interface Failure {
  file: string;
  test: string;
  why: string;
}

/** @param all every listed test was run: a listed test that passes is a failure of the list */
export function judge(
  report: Report,
  limits: readonly Limit[],
  { all }: { all: boolean },
): { text: string; good: boolean } {
  const file = (name: string): string => name.replaceAll('\\', '/').replace(/^.*\/fieldroom\//, '');
  const failures: Failure[] = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [{ file: file(name), test: '', why: message }];
    return failed.map(({ fullName, failureMessages }) => ({
      file: file(name),
      test: fullName,
      why: failureMessages.join('\n').slice(0, 500),
    }));
  });
  const names = ({ file: at, test }: Failure, limit: Limit): boolean =>
    limit.file === at && (limit.test === undefined || limit.test === test);
  const unknown = failures.filter((failure) => !limits.some((limit) => names(failure, limit)));
  const idle = all ? limits.filter((limit) => !failures.some((failure) => names(failure, limit))) : [];
  const passed = report.testResults
    .flatMap((one) => one.assertionResults)
    .filter(({ status }) => status === 'passed').length;
  const lines = [
    `Node for Windows under Wine: ${passed} passed, ${failures.length - unknown.length} known limits, ${unknown.length} failed`,
    ...unknown.map(({ file: at, test, why }) => `FAILED ${at}: ${test}\n  ${why.replaceAll('\n', '\n  ')}`),
    ...idle.map(({ file: at, test }) => `Passes now, remove it from the list of limits: ${at}: ${test ?? 'all of it'}`),
  ];
  return { text: lines.join('\n'), good: unknown.length === 0 && idle.length === 0 && passed > 0 };
}
