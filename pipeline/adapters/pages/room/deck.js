/* The deck: the takes of one song, loaded together, one of them heard. */

class Deck {
  /** @param {{changed: function(): void, ended: function(): void, failed: function(Object): void}} tell */
  constructor(tell) {
    this.tell = tell;
    this.takes = [];
    this.live = null;
    this.isMatched = true;
    const probe = new Audio();
    probe.volume = 0.5;
    this.canMatch = probe.volume === 0.5; // iOS leaves loudness to its buttons
  }

  get isPlaying() {
    return Boolean(this.live && !this.live.sound.paused);
  }

  /** @returns {number} seconds from the beginning */
  get place() {
    return this.live ? this.live.sound.currentTime : 0;
  }

  /**
   * Lays out a song's takes and forgets the ones before.
   * @param {{key: string, name: string, url: string, seconds: number, gain: ?number}[]} takes
   * @param {Object} live the one of them that is heard first
   */
  load(takes, live) {
    for (const take of this.takes) {
      take.sound.pause();
      take.sound.removeAttribute("src");
      take.sound.load();
      take.sound = null;
    }
    this.takes = takes;
    this.live = live;
    for (const take of takes) this.prepare(take);
    this.match(this.isMatched);
  }

  prepare(take) {
    const sound = new Audio();
    sound.preload = "auto";
    sound.src = take.url;
    const told = (then) => () => take === this.live && sound === take.sound && then();
    for (const name of ["play", "pause", "seeked", "timeupdate", "loadedmetadata"]) {
      sound.addEventListener(name, told(() => this.tell.changed()));
    }
    sound.addEventListener("ended", told(() => this.tell.ended()));
    sound.addEventListener("error", told(() => this.tell.failed(take)));
    take.sound = sound;
  }

  /** Another take at the same place, playing on if one was. @param {Object} take */
  select(take) {
    const before = this.live;
    if (!before || take === before) return;
    const [place, wasPlaying] = [this.place, this.isPlaying];
    this.live = take;
    take.sound.currentTime = Math.min(place, take.seconds);
    if (wasPlaying && place < take.seconds) this.play();
    before.sound.pause();
    this.tell.changed();
  }

  /** @param {number} seconds */
  seek(seconds) {
    if (!this.live) return;
    this.live.sound.currentTime = Math.min(this.live.seconds, Math.max(0, seconds));
    this.tell.changed();
  }

  play() {
    const take = this.live;
    if (!take) return;
    take.sound.play().catch((error) => {
      if (error.name !== "AbortError" && take === this.live) this.tell.failed(take);
    });
  }

  pause() {
    if (this.live) this.live.sound.pause();
  }

  /** Attenuates each take to the quietest, or plays all as they are. @param {boolean} isMatched */
  match(isMatched) {
    this.isMatched = isMatched;
    for (const take of this.takes) {
      take.sound.volume = isMatched && take.gain !== null ? take.gain : 1;
    }
  }
}
