import { describe, expect, it } from 'vitest';
import { ageText, channelText, clockText, minutesText, valueText } from './format.ts';

describe('formats figures for people', () => {
  it.each([
    [0, '0:00'],
    [-0.4, '0:00'],
    [59.99, '0:59'],
    [754, '12:34'],
    [3723, '1:02:03'],
  ])('%d seconds on the clock', (seconds, text) => expect(clockText(seconds)).toBe(text));

  it.each([
    [44.9, '44 min'],
    [119, '119 min'],
    [200, '3 h 20 min'],
    [1440, '1 day'],
    [6000, '4 days'],
  ])('%d minutes left', (minutes, text) => expect(minutesText(minutes)).toBe(text));

  it.each([
    [40, 'now'],
    [1200, '1.2 s ago'],
    [9949, '9.9 s ago'],
    [12_400, '12 s ago'],
    [180_000, '3 min ago'],
  ])('%d ms of age', (ms, text) => expect(ageText(ms)).toBe(text));

  it.each([
    [null, '–'],
    [12, '12'],
    [0.123456, '0.1235'],
    [21.5, '21.5'],
    [123_456.7, '123,457'],
    ['ok', 'ok'],
  ])('the value %s', (value, text) => expect(valueText(value)).toBe(text));

  it.each([
    ['heart_rate', 'bpm', 'heart rate'],
    ['rr_ms', 'ms', 'rr'],
    ['request_age_us', 'µs', 'request age'],
    ['column_2', '', 'column 2'],
  ])('the channel %s', (name, unit, text) => expect(channelText({ name, unit })).toBe(text));
});
