import { expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, PozyxMqttParser } from './parser.ts';
import type { TagUpdate } from './update.ts';

const feed = (text: string) => new PozyxMqttParser().push(Buffer.from(text));

/** The real element from sensor-protocols 1.10. */
const REAL =
  '[{"version":"1","alive":true,"tagId":"27196","success":true,"timestamp":1589960921.2,"data":{"tagData":{},"anchorData":[],"coordinates":{"x":11680,"y":44505,"z":783},"orientation":{"yaw":3.437,"roll":-0.003,"pitch":-0.036},"metrics":{"latency":33.6,"rates":{"update":12.9,"success":12.9}}}}]';
const REAL_UPDATE: TagUpdate = {
  type: 'update',
  tagId: '27196',
  success: true,
  timestampUs: 1_589_960_921_200_000,
  position: [11680, 44505, 783],
  orientation: [3.437, -0.003, -0.036],
  latencyMs: 33.6,
  updateHz: 12.9,
  successHz: 12.9,
  packetLoss: null,
  motion: null,
  custom: [],
  anchors: [],
};

test('the recorded element of a real gateway', () => {
  expect(feed(REAL)).toEqual([REAL_UPDATE]);
});

test('a bare object, and unknown keys at any depth, are the same update', () => {
  const bare = REAL.slice(1, -1);
  expect(feed(bare)).toEqual([REAL_UPDATE]);
  const more = bare
    .replace('"alive":true', '"alive":true,"moving":false,"zones":[{}]')
    .replace('"metrics":{', '"metrics":{"new":1,');
  expect(feed(`[${more}]`)).toEqual([REAL_UPDATE]);
});

test('version 2.0: packet loss, sensors, anchors, custom sensors', () => {
  const text =
    '[{"version":"2.0","tagId":"27196","success":true,"timestamp":1589960921.2,"data":{"tagData":{"blinkIndex":7,"acceleration":{"x":-12,"y":69,"z":949},"quaternion":{"w":1,"x":0,"y":0,"z":0},"pressure":98543.25,"customSensors":[{"name":"battery","value":93},{"name":"state","value":"on"},{"value":1}]},"anchorData":[{"tagId":"27196","anchorId":"40961","rss":-83},{"anchorId":"x"}],"coordinates":{"x":1,"y":2,"z":3},"metrics":{"latency":20,"rates":{"update":12.9,"success":12.9,"packetLoss":0.25}}}}]';
  const [update] = feed(text);
  expect(update).toMatchObject({
    packetLoss: 0.25,
    orientation: [null, null, null],
    anchors: [{ id: '40961', rssDbm: -83 }],
    custom: [
      { name: 'battery', value: 93 },
      { name: 'state', value: 'on' },
    ],
  });
  const n = null;
  expect((update as TagUpdate).motion).toEqual([
    7,
    -12,
    69,
    949,
    n,
    n,
    n,
    n,
    n,
    n,
    n,
    n,
    n,
    1,
    0,
    0,
    0,
    n,
    n,
    n,
    98543.25,
  ]);
});

test('success false, with and without a body, keeps the available values', () => {
  expect(feed('[{"tagId":"1","success":false,"timestamp":1589960921.2}]')).toMatchObject([
    { tagId: '1', success: false, timestampUs: 1_589_960_921_200_000, position: null },
  ]);
});

test('a batch is many updates in their order', () => {
  const batch = `[${[3, 1, 2].map((id) => `{"tagId":"${id}"}`).join(',')}]`;
  expect(feed(batch).map((frame) => (frame.type === 'update' ? frame.tagId : frame.reason))).toEqual(['3', '1', '2']);
});

test('anything that is not an update is counted; the good ones beside it are read', () => {
  expect(feed('not json')).toEqual([{ type: 'resync', discardedBytes: 8, reason: 'bad-json' }]);
  expect(feed('[{"gateway":1},{"tagId":"5"},null]')).toMatchObject([
    { type: 'resync', reason: 'no-update' },
    { tagId: '5' },
    { type: 'resync', reason: 'no-update' },
  ]);
  expect(feed('x'.repeat(MAX_MESSAGE_BYTES + 1))).toMatchObject([{ reason: 'too-long' }]);
  expect(feed('[]')).toEqual([]);
});

test.each(['-5', '0x6A3C', 'lamp', '', '1'.repeat(40), '../x'])('"%s" is not a tag id', (id) => {
  expect(feed(JSON.stringify([{ tagId: id }]))).toMatchObject([{ reason: 'no-update' }]);
});

test.each([0, -1, 1e300, 'soon', null])('the time %s is invalid, but its update is kept', (timestamp) => {
  expect(feed(JSON.stringify([{ tagId: '5', timestamp }]))).toMatchObject([{ tagId: '5', timestampUs: null }]);
});

test.each([
  ['1585211233.400', 1_585_211_233_400_000],
  [1_585_211_233_400, 1_585_211_233_400_000],
  ['1585211233400', 1_585_211_233_400_000],
  [1_585_211_233_400_123, 1_585_211_233_400_123],
  ['2020-03-26T08:27:13.400Z', 1_585_211_233_400_000],
  ['soon', null],
  [-1, null],
])('a time as bridges write it: %j', (timestamp, timestampUs) => {
  expect(feed(JSON.stringify([{ tagId: '1', timestamp }]))).toMatchObject([{ timestampUs }]);
});

test('one invalid field costs only that field', () => {
  const coordinates = { x: '1000', y: 'left', z: 3 };
  expect(feed(JSON.stringify([{ tagId: '1', data: { coordinates } }]))).toMatchObject([{ position: [1000, null, 3] }]);
  expect(feed('[{"tagId":"1","data":{"coordinates":{"x":1e309,"y":2,"z":3}}}]')).toMatchObject([
    { position: [null, 2, 3] },
  ]);
});
