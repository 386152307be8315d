import { describe, expect, test } from 'vitest';
import { PulseLinesParser } from './parser.ts';
import type { PulseFormat } from './settings.ts';

const read = (lines: string[], format: PulseFormat | 'auto' = 'auto', sensors = 1) =>
  new PulseLinesParser(format, sensors)
    .push(new TextEncoder().encode(['banner', ...lines].map((line) => `${line}\r\n`).join('')))
    .slice(1)
    .map((frame) =>
      frame.type === 'sample'
        ? [frame.of, frame.sensor, ...frame.values]
        : frame.type === 'resync'
          ? [frame.reason]
          : [frame.type],
    );

describe('the forms of section 2c', () => {
  test('plotter: the signal of each line, a beat only where BPM and IBI change', () => {
    expect(read(['72,833,512', '72,833,515', '73,822,530', '73,822,531'])).toEqual([
      ['signal', 0, 512],
      ['signal', 0, 515],
      ['signal', 0, 530],
      ['derived', 0, 73, 822],
      ['signal', 0, 531],
    ]);
  });
  test('visualizer: B and Q are one beat, reported as often as they come', () => {
    expect(read(['S512', 'B72', 'Q833', 'S513', 'B72', 'Q833'])).toEqual([
      ['signal', 0, 512],
      ['derived', 0, 72, 833],
      ['signal', 0, 513],
      ['derived', 0, 72, 833],
    ]);
  });
  test('visualizer: with two sensors B is a rate of the second one', () => {
    expect(read(['a512', 'b400', 'A72', 'M833', 'B80', 'N750'], 'visualizer', 2)).toEqual([
      ['signal', 0, 512],
      ['signal', 1, 400],
      ['derived', 0, 72, 833],
      ['derived', 1, 80, 750],
    ]);
  });
  test('visualizer: a rate whose interval was lost is a beat without one', () => {
    expect(read(['S1', 'B72', 'B73', 'Q822'])).toEqual([
      ['signal', 0, 1],
      ['derived', 0, 72, Number.NaN],
      ['derived', 0, 73, 822],
    ]);
  });
  test('text sketches and SignalCoach', () => {
    expect(read(['Signal 512', '♥  A HeartBeat Happened ! ', 'BPM: 72'])).toEqual([
      ['signal', 0, 512],
      ['derived', 0, 72, Number.NaN],
    ]);
    expect(read(['512', '513'])).toEqual([
      ['signal', 0, 512],
      ['signal', 0, 513],
    ]);
  });
  test('signal,bpm,ibi,beat: the rise of the flag is the beat', () => {
    expect(
      read(['512,72,833,0', '513,73,822,1', '514,73,822,1', '515,73,822,0']).filter(([of]) => of === 'derived'),
    ).toEqual([['derived', 0, 73, 822]]);
  });
  test('JSON with either set of names', () => {
    expect(
      read([
        '{"raw":512,"timestampMs":1000,"seq":4,"bpm":72,"ibi":833,"beat":false,"quality":90,"state":"OK"}',
        '{"raw":513,"bpm":73,"ibiMs":822,"beat":true}',
      ]),
    ).toEqual([
      ['signal', 0, 512, 90, 'OK', null],
      ['signal', 0, 513, Number.NaN, null, null],
      ['derived', 0, 73, 822],
    ]);
  });
  test('PSWS 1 and 2; simulated lines say so', () => {
    expect(read(['PSWS,1,LIVE,7,1000,512,72,833,0,95,TRACKING'])).toEqual([['signal', 0, 512, 95, 'TRACKING', true]]);
    expect(read(['PSWS,2,SIM,7,1000,512,72,833,0,95,TRACKING,550,400,700,3.9,0,1,1'])).toEqual([
      ['signal', 0, 512, 95, 'TRACKING', false],
    ]);
    expect(read(['PSWS,1,LIVE,7,1000,512,72,833,0,95'])).toEqual([['bad-line']]);
  });
  test('MAX3010x: the finger, and values that are not valid', () => {
    expect(
      read([
        'IR=102345, BPM=71.43, Avg BPM=72',
        'IR=1234, BPM=71.43, Avg BPM=72 No finger?',
        'IR=102345, BPM=80.00, Avg BPM=73',
      ]),
    ).toEqual([
      ['signal', 0, 102345, true],
      ['signal', 0, 1234, false],
      ['signal', 0, 102345, true],
      ['derived', 0, 80, 73],
    ]);
    expect(
      read([
        'red=1, ir=2, HR=-999, HRvalid=0, SPO2=-999, SPO2Valid=0',
        'red=1, ir=2, HR=72, HRvalid=1, SPO2=-999, SPO2Valid=0',
      ]),
    ).toEqual([
      ['signal', 0, 1, 2],
      ['signal', 0, 1, 2],
      ['derived', 0, 72, Number.NaN],
    ]);
  });
  test('a failed sensor, and two numbers that a person must name', () => {
    expect(read(['!!!!!!!!', '512,513'])).toEqual([['sensor-failed'], ['ambiguous']]);
    expect(read(['512,513'], 'two-signals')).toEqual([
      ['signal', 0, 512],
      ['signal', 1, 513],
    ]);
    expect(read(['512,513'], 'ir-red')).toEqual([['signal', 0, 512, 513]]);
    expect(read(['1000,513'], 'time-signal')).toEqual([['signal', 0, 513]]);
  });
  test('a damaged line is reported, and one odd line does not change the form', () => {
    expect(read(['72,833,512', '72,8', '72,833,\u0001', '512', '72,833,513'])).toEqual([
      ['signal', 0, 512],
      ['bad-line'],
      ['garbage'],
      ['bad-line'],
      ['signal', 0, 513],
    ]);
  });
  test('the first line is ignored: perhaps only its end was received', () => {
    const frames = new PulseLinesParser('auto', 1).push(new TextEncoder().encode('2,833,512\r\n72,833,513\r\n'));
    expect(frames.map((frame) => frame.type)).toEqual(['resync', 'sample']);
  });
});
