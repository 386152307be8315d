import { describe, expect, test } from 'vitest';
import { hex } from '../ant-heart-rate/driverBench.ts';
import { Debounce } from './debounce.ts';
import { type DeviceName, LAYOUTS, mappedLayout } from './layouts.ts';
import { HidMarkerParser } from './parser.ts';

const edges = (device: DeviceName, ...reports: string[]) => {
  const parser = new HidMarkerParser(LAYOUTS[device]);
  return reports.map((report) =>
    parser
      .push(hex(report))
      .map((frame) =>
        frame.type === 'edge' ? `${frame.pressed ? '+' : '-'}${frame.button} ${frame.name}` : frame.reason,
      ),
  );
};

describe('known devices of section 5', () => {
  test('foot pedals', () => {
    expect(edges('infinity-pedal', '01 00', '01 00', '05 00', '04 00', '00 00')).toEqual([
      ['+1 left'],
      [],
      ['+3 right'],
      ['-1 left'],
      ['-3 right'],
    ]);
    const xKeys = (byte: string) => `00 00 ${byte}${' 00'.repeat(16)}`;
    expect(edges('x-keys-pedal', xKeys('02'), xKeys('08'), xKeys('00'))).toEqual([
      ['+1 left'],
      ['-1 left', '+3 right'],
      ['-3 right'],
    ]);
  });
  test('presenter: PageDown, PageUp, F5, Esc, full stop', () => {
    const key = (usage: string) => `00 00 ${usage} 00 00 00 00 00`;
    expect(edges('presenter', key('4E'), key('00'), key('4B'), key('3E'), key('29'), key('37'))).toEqual([
      ['+78 next'],
      ['-78 next'],
      ['+75 previous'],
      ['-75 previous', '+62 start'],
      ['-62 start', '+41 end'],
      ['-41 end', '+55 blank'],
    ]);
  });
  test('keyboard: modifiers; too many keys at once report nothing', () => {
    expect(edges('keyboard', '02 00 04 05 00 00 00 00', '02 00 01 01 01 01 01 01', '00 00 05 00 00 00 00 00')).toEqual([
      ['+225 key e1', '+4 key 04', '+5 key 05'],
      ['garbage'],
      ['-225 key e1', '-4 key 04'],
    ]);
  });
  test('Sony Buzz: four handsets with five buttons', () => {
    expect(edges('sony-buzz', '7F 7F 01 00 F0', '7F 7F 00 84 F0', '7F 7F 00 00 F8', '7F 7F 00 00 F0')).toEqual([
      ['+1 handset 1 button 1'],
      ['-1 handset 1 button 1', '+11 handset 3 button 1', '+16 handset 4 button 1'],
      ['-11 handset 3 button 1', '-16 handset 4 button 1', '+20 handset 4 button 5'],
      ['-20 handset 4 button 5'],
    ]);
  });
  test('Dream Cheeky: lid and button', () => {
    expect(edges('dream-cheeky', '15', '17', '16', '16', '17', '15', '99')).toEqual([
      [],
      ['+2 lid'],
      ['+1 button'],
      [],
      ['-1 button'],
      ['-2 lid'],
      ['garbage'],
    ]);
    expect(LAYOUTS['dream-cheeky'].poll).toEqual({ report: hex('08 00 00 00 00 00 00 02'), everyMs: 100 });
  });
  test('PowerMate: button and turns', () => {
    expect(edges('powermate', '01 00', '01 02', '01 FF', '00 00')).toEqual([
      ['+1 button'],
      ['+2 turn +2'],
      ['+3 turn -1'],
      ['-1 button'],
    ]);
  });
  test('i>clicker: a vote with the whole id, counted once', () => {
    const vote = (choice: string, sequence: string) => `02 13 ${choice} 12 34 56 ${sequence}${' 00'.repeat(57)}`;
    expect(edges('iclicker', vote('81', '01'), vote('81', '01'), vote('85', '02'), vote('90', '03'))).toEqual([
      ['+1 A 12345670'],
      [],
      ['+5 E 12345670'],
      [],
    ]);
  });
  test('i>clicker: two students who vote the same in one report are counted as two, whatever the debounce time', () => {
    const vote = (id: string) => `02 13 81 ${id} 01${' 00'.repeat(25)}`;
    const parser = new HidMarkerParser(LAYOUTS.iclicker);
    const debounce = new Debounce(10);
    const told = parser
      .push(hex(`${vote('12 34 56')} ${vote('65 43 21')}`))
      .flatMap((frame) => (frame.type === 'edge' ? debounce.take(frame, 5e6) : []));
    expect(told.map(({ edge: { button, name } }) => [button, name])).toEqual([
      [1, 'A 12345670'],
      [1, 'A 65432107'],
    ]);
  });
});

describe('a mapping from the settings', () => {
  test('bits, values under a mask, and numbered reports', () => {
    const parser = new HidMarkerParser(
      mappedLayout([
        { button: 1, byte: 1, bit: 0, reportId: 3 },
        { button: 2, byte: 2, value: 0x20, mask: 0xf0, name: 'blue', reportId: 3 },
      ]),
    );
    const push = (report: string) =>
      parser
        .push(hex(report))
        .map((frame) => (frame.type === 'edge' ? [frame.button, frame.pressed, frame.name] : frame.reason));
    expect(push('03 01 2A')).toEqual([
      [1, true, 'button 1'],
      [2, true, 'blue'],
    ]);
    expect(push('04 00 00')).toEqual([]);
    expect(push('03 00 2F')).toEqual([[1, false, 'button 1']]);
    expect(push('03')).toEqual(['garbage']);
  });
});

test('after reset nothing is down', () => {
  const parser = new HidMarkerParser(LAYOUTS['infinity-pedal']);
  parser.push(hex('01 00'));
  parser.reset();
  expect(parser.push(hex('01 00'))).toMatchObject([{ pressed: true }]);
});
