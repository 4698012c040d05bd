import { decibels } from './findings.ts';
import styles from './voice-test.module.css';

const FLOOR_DB = -60;

/** Loudness as a bar; @param rms 0…1, null while the microphone is closed. */
export function LevelMeter({ rms }: { rms: number | null }) {
  const loudness = rms === null ? FLOOR_DB : Math.max(FLOOR_DB, decibels(rms));
  const percent = Math.round(((loudness - FLOOR_DB) / -FLOOR_DB) * 100);
  return (
    <div
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={rms === null ? 'microphone closed' : `${loudness} decibels`}
      className={styles['meter']}
    >
      <div className={styles['bar']} style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
