-- Whose audio was measured is looked up once for every measurement.

CREATE INDEX attempts_by_audio ON attempts (audio_checksum) WHERE audio_checksum IS NOT NULL;
