/** What runs on the audio thread: one file, because half of each processor is the same resampler. */
import './capture-processor.ts';
import './player-processor.ts';
