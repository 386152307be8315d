/**
 * Moves anchors on the floor plan, by pointer or keyboard, while the tags move live. Saved as one step that can be
 * undone.
 */
import { Button } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { Source } from '../../../electron/common/kit.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { t } from '../../components/words.ts';
import styles from './AnchorDialog.module.css';
import { Tag } from './FloorPlan.tsx';
import { type Anchor, anchorsOf, type Frame, flipped, frameOf, withAnchorAt } from './roomPlan.ts';

interface AnchorDialogProps {
  source: Source;
  /** Undefined: no tag is shown. */
  health: SourceHealth | undefined;
  onClose: () => void;
  onSave: (settings: unknown) => void;
}

/** One press of an arrow key, mm. */
const KEY_MM = 100;
const FINE_KEY_MM = 10;

const ARROWS: Readonly<Record<string, { x: number; y: number }>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

export function AnchorDialog({ source, health, onClose, onSave }: AnchorDialogProps): ReactNode {
  /** Each move is one step; the last one is shown. */
  const [steps, setSteps] = useState<readonly unknown[]>([source.settings]);
  /** While an anchor is dragged: not a step yet. */
  const [dragged, setDragged] = useState<unknown>(null);
  // The scale of the plan does not change while its anchors move.
  const [frame] = useState(() => frameOf(anchorsOf(source.settings)));
  const plan = useRef<SVGSVGElement>(null);
  const last = steps.at(-1);
  if (!frame) return null;
  const size = Math.max(frame.width, frame.height) / 50;
  const drag = (id: string, event: PointerEvent): void => {
    const at = plan.current && placeOf(plan.current, event, frame);
    if (at && event.currentTarget.hasPointerCapture(event.pointerId)) setDragged(withAnchorAt(last, id, at, frame));
  };
  const drop = (): void => {
    if (dragged !== null) setSteps([...steps, dragged]);
    setDragged(null);
  };
  const key = ({ id, x, y }: Anchor, event: KeyboardEvent): void => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const mm = event.shiftKey ? FINE_KEY_MM : KEY_MM;
    setSteps([...steps, withAnchorAt(last, id, { x: x + way.x * mm, y: y + way.y * mm }, frame)]);
  };
  return (
    <Dialog title={t('plan.edit.title')} closeName={t('plan.edit.cancel')} onClose={onClose} size="lg">
      <p className={styles.how}>{t('plan.edit.how')}</p>
      <svg ref={plan} className={styles.plan} viewBox={`${frame.left} ${frame.top} ${frame.width} ${frame.height}`}>
        <title>{t('plan.edit.title')}</title>
        {health?.streams.map((stream) => (
          <Tag key={stream.id} stream={stream} frame={frame} size={size} />
        ))}
        {anchorsOf(dragged ?? last).map((anchor) => (
          <AnchorHandle key={anchor.id} anchor={anchor} frame={frame} size={size} {...{ drag, drop, onKey: key }} />
        ))}
      </svg>
      <div className={styles.buttons}>
        <Button variant="default" disabled={steps.length < 2} onClick={() => setSteps(steps.slice(0, -1))}>
          {t('plan.edit.undo')}
        </Button>
        <span className={styles.space} />
        <Button variant="default" onClick={onClose}>
          {t('plan.edit.cancel')}
        </Button>
        <Button disabled={steps.length < 2} onClick={() => onSave(last)}>
          {t('plan.edit.save')}
        </Button>
      </div>
    </Dialog>
  );
}

interface AnchorHandleProps {
  anchor: Anchor;
  frame: Frame;
  /** Size of its square, mm. */
  size: number;
  drag: (id: string, event: PointerEvent) => void;
  drop: () => void;
  onKey: (anchor: Anchor, event: KeyboardEvent) => void;
}

function AnchorHandle({ anchor, frame, size, drag, drop, onKey }: AnchorHandleProps): ReactNode {
  const { id, x, y } = anchor;
  const left = x > frame.left + frame.width / 2;
  const top = flipped(y, frame);
  const metres = { id, x: (x / 1000).toFixed(2), y: (y / 1000).toFixed(2) };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a shape of a drawing cannot be a button element */}
      <g
        className={styles.anchor}
        transform={`translate(${x} ${top})`}
        role="button"
        tabIndex={0}
        aria-label={t('plan.anchor', metres)}
        data-anchor={id}
        onKeyDown={(event) => onKey(anchor, event)}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => drag(id, event)}
        onPointerUp={drop}
        onPointerCancel={drop}
      >
        {/* A finger needs more than the square. */}
        <circle r={size * 1.6} />
        <rect x={-size / 2} y={-size / 2} width={size} height={size} />
      </g>
      <text
        x={left ? x - size : x + size}
        y={top + size * 0.5}
        fontSize={size * 1.4}
        textAnchor={left ? 'end' : 'start'}
      >
        {id} {metres.x} / {metres.y} m
      </text>
    </>
  );
}

/** Position of the pointer in the room; null: the plan is not on the screen. */
function placeOf(
  plan: SVGSVGElement,
  { clientX, clientY }: PointerEvent,
  frame: Frame,
): { x: number; y: number } | null {
  const toScreen = plan.getScreenCTM();
  if (!toScreen) return null;
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(toScreen.inverse());
  return { x, y: flipped(y, frame) };
}
