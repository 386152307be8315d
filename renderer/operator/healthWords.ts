/** Sentences for the recorder's measurements of a source: what is wrong, and what to do. */
import type { SourceHealth } from '../../electron/common/applianceState.ts';
import type { HealthFinding } from '../../electron/common/health.ts';
import { channelText, valueText } from '../components/format.ts';
import { decimal, errorText, number, t } from '../components/words.ts';

export interface HealthWords {
  /** One sentence, without the source's name. */
  text: string;
  /** Empty: nothing can be done. */
  nextStep: string;
}

type Told = Pick<SourceHealth, 'kind' | 'state' | 'streams'>;

export function healthWords(source: Told, finding: HealthFinding): HealthWords {
  switch (finding.code) {
    case 'device': {
      const { message, nextStep = '' } = errorText(source.state);
      return { text: message || t('health.device'), nextStep };
    }
    case 'late':
      return {
        text: t('health.late', { seconds: number(finding.spanMs / 1000) }),
        nextStep: t('health.late.next'),
      };
    case 'too-slow':
      return {
        text: finding.lost === 0 ? t('health.behind') : t('health.tooSlow', lossOf(finding)),
        nextStep: t('health.tooSlow.next'),
      };
    case 'frames-lost':
      return {
        text: t(isPicture(source) ? 'health.framesLost' : 'health.dataLost', lossOf(finding)),
        nextStep: t(isPicture(source) ? 'health.framesLost.next' : 'health.dataLost.next'),
      };
    case 'rate-low':
      return {
        text: t('health.rateLow', { rate: decimal(finding.rateHz ?? 0), wanted: number(finding.wantedHz ?? 0) }),
        nextStep: t('health.rateLow.next'),
      };
    case 'black':
      return { text: t('check.black'), nextStep: t('check.black.do') };
    case 'frozen':
      return { text: t('check.frozen'), nextStep: t('check.frozen.do') };
    case 'silent':
      return { text: t('check.silent'), nextStep: t('check.silent.do') };
    case 'out-of-range':
      return { text: t('health.outOfRange', outside(source, finding)), nextStep: t('health.outOfRange.next') };
  }
}

/** `41 %`, `0.3 %`: never `0 %` for a loss. */
export const shareText = (share: number): string =>
  share > 0 && share < 0.01 ? `${decimal(Math.max(0.001, share) * 100)} %` : `${number(share * 100)} %`;

const lossOf = ({ lostShare, spanMs }: HealthFinding): { share: string; seconds: string } => ({
  share: shareText(lostShare),
  seconds: number(Math.max(1, spanMs / 1000)),
});

const isPicture = ({ kind }: Told): boolean => kind === 'camera' || kind === 'screen';

function outside({ streams }: Told, { stream, channel, value }: HealthFinding): Record<string, string> {
  const known = streams.find(({ id }) => id === stream)?.channels?.find(({ name }) => name === channel);
  const unit = known?.unit ?? '';
  return { channel: channelText({ name: channel, unit }), value: `${valueText(value)} ${unit}`.trim() };
}
