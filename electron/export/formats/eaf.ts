/** ELAN's annotation file, EAF 3.0 (mpi.nl/tools/elan/EAFv3.0.xsd), and its time series settings. */
import { lanesOf, type Tier } from '../source/tiers.ts';
import { xml } from '../xml/escape.ts';

export interface EafMedium {
  /** Relative to the folder of the .eaf file. */
  path: string;
  mime: 'video/mp4' | 'audio/x-wav';
}

export interface TimeSeries {
  /** CSV beside the .eaf file: seconds in the first column. */
  path: string;
  tracks: { column: number; name: string; unit: string; min: number; max: number }[];
}

/** Tiers of this type were recorded, so an import ignores them. */
export const RECORDED_TYPE = 'fieldroom-recorded';
const ANNOTATED_TYPE = 'annotation';

export function eafOf(
  tiers: readonly Tier[],
  media: readonly EafMedium[],
  linked: readonly { path: string; mime: string }[],
  date: string,
): string {
  const slots: string[] = [];
  const slot = (ns: number): string => {
    slots.push(`<TIME_SLOT TIME_SLOT_ID="ts${slots.length + 1}" TIME_VALUE="${Math.round(ns / 1e6)}"/>`);
    return `ts${slots.length}`;
  };
  let annotation = 0;
  const names = new Set<string>();
  const tierXml = tiers.flatMap(({ name, participant, origin, items }) =>
    lanesOf(items).map((lane) => {
      const rows = lane.map(({ fromNs, toNs, text }) => {
        annotation += 1;
        const refs = `TIME_SLOT_REF1="${slot(fromNs)}" TIME_SLOT_REF2="${slot(toNs)}"`;
        return `<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a${annotation}" ${refs}><ANNOTATION_VALUE>${xml(text)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>`;
      });
      const who = participant ? ` PARTICIPANT="${xml(participant)}"` : '';
      const type = origin === 'recorded' ? RECORDED_TYPE : ANNOTATED_TYPE;
      return `<TIER LINGUISTIC_TYPE_REF="${type}"${who} TIER_ID="${xml(uniqueName(name, names))}">${rows.join('\n')}</TIER>`;
    }),
  );
  const mediaXml = media.map(
    ({ path, mime }) =>
      `<MEDIA_DESCRIPTOR MEDIA_URL="${url(path)}" MIME_TYPE="${mime}" RELATIVE_MEDIA_URL="./${url(path)}"/>`,
  );
  const linkedXml = linked.map(
    ({ path, mime }) =>
      `<LINKED_FILE_DESCRIPTOR LINK_URL="${url(path)}" MIME_TYPE="${mime}" RELATIVE_LINK_URL="./${url(path)}"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="Fieldroom" DATE="${date}" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
${[...mediaXml, ...linkedXml].join('\n')}
<PROPERTY NAME="lastUsedAnnotationId">${annotation}</PROPERTY>
</HEADER>
<TIME_ORDER>
${slots.join('\n')}
</TIME_ORDER>
${tierXml.join('\n')}
<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="${RECORDED_TYPE}" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="${ANNOTATED_TYPE}" TIME_ALIGNABLE="true"/>
${CONSTRAINTS}
</ANNOTATION_DOCUMENT>
`;
}

/** Present in every ELAN file; tiers that people add refer to them. */
const CONSTRAINTS = [
  [
    "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval",
    'Time_Subdivision',
  ],
  [
    'Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered',
    'Symbolic_Subdivision',
  ],
  ['1-1 association with a parent annotation', 'Symbolic_Association'],
  ["Time alignable annotations within the parent annotation's time interval, gaps are allowed", 'Included_In'],
]
  .map(([text, name]) => `<CONSTRAINT DESCRIPTION="${text}" STEREOTYPE="${name}"/>`)
  .join('\n');

/** Tracks of the CSV files; "Discontinuous Rate", because "Continuous Rate" rounds the rate to whole hertz. */
export function timeSeriesOf(series: readonly TimeSeries[], date: string): string {
  const colours = ['0,114,178', '213,94,0', '0,158,115', '204,121,167', '230,159,0', '86,180,233'];
  const sources = series.map(({ path, tracks }) => {
    const rows = tracks.map(
      (
        { column, name, unit, min, max },
        i,
      ) => `<track derivative="0" name="${xml(name)}"><property key="detect-range" value="false"/>
<sample-position><pos col="${column}" row="0"/></sample-position><description/><units>${xml(unit)}</units><range max="${max}" min="${min}"/><color>${colours[i % colours.length]}</color></track>`,
    );
    return `<tracksource sample-type="Discontinuous Rate" source-url="./${url(path)}" time-column="0" time-origin="0">
<property key="provider" value="mpi.eudico.client.annotator.timeseries.csv.CSVServiceProvider"/>
${rows.join('\n')}</tracksource>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<timeseries date="${date}" version="1.0">
${sources.join('\n')}
</timeseries>
`;
}

const url = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function uniqueName(name: string, taken: Set<string>): string {
  let made = name;
  for (let i = 2; taken.has(made); i += 1) made = `${name} ${i}`;
  taken.add(made);
  return made;
}
