/** The parser itself is in `electron/common`, where the capture window can import it too. */
export {
  HEART_RATE_MEASUREMENT,
  HEART_RATE_SERVICE,
  type HeartRateMeasurement,
  parseHeartRateMeasurement,
} from '../../../electron/common/protocols/heartRateMeasurement.ts';
