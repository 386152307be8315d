/** The live preview of a source. */
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { nameOf } from '../alarms.ts';
import { LevelMeter } from './LevelMeter.tsx';
import { Picture } from './Picture.tsx';
import { SensorValues } from './SensorValues.tsx';

export function SourcePreview({ source, plots = true }: { source: SourceHealth; plots?: boolean }): ReactNode {
  const name = nameOf(source);
  if (source.kind === 'camera' || source.kind === 'screen') return <Picture source={source} name={name} />;
  if (source.kind === 'microphone') return <LevelMeter source={source.id} name={name} muted={source.paused} />;
  const sensors = source.streams.filter((stream) => stream.kind === 'samples');
  return sensors.map((stream) => (
    <SensorValues
      key={stream.id}
      stream={stream}
      part={sensors.length > 1 ? stream.id.replace(`${source.id}-`, '') : ''}
      quiet={source.paused}
      delivers={source.state.state === 'streaming'}
      plot={plots}
    />
  ));
}
