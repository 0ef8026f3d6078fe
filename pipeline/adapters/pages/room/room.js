/* The room: one song is open and on the deck; the player and the keys act on it. */

class Room {
  constructor() {
    const main = $("main");
    this.album = { id: main.dataset.album, title: main.dataset.title, artist: main.dataset.artist };
    this.player = $(".player");
    this.songs = $$(".song").map(readSong);
    this.picks = new Picks(this.album.id, this.songs);
    this.deck = new Deck({
      changed: () => this.show(),
      ended: () => this.goOn(),
      failed: (take) => this.say(`${take.name} cannot be played: ${take.url}`),
    });
    this.current = null;
    this.songs.forEach((song) => this.listenTo(song));
    this.showAllPicks();
    const first = this.songs.find((song) => song.takes.length);
    if (first) this.open(first);
    this.player.dataset.ready = "";
  }

  listenTo(song) {
    const [details, summary] = [$("details", song.element), $("summary", song.element)];
    summary.addEventListener("click", (event) => {
      if (details.open) return;
      event.preventDefault(); // it is open once this has run, and must not be toggled again
      this.open(song, { plays: this.deck.isPlaying });
    });
    details.addEventListener("toggle", () => {
      if (details.open && this.current !== song) this.open(song); // found by the browser's search
    });
    if (!song.takes.length) return;
    song.start = make("button", { type: "button", class: "start" });
    song.start.addEventListener("click", () => {
      if (this.current === song) this.toggle();
      else this.open(song, { plays: true });
    });
    song.element.append(song.start);
    this.showStart(song);
  }

  /**
   * Opens a song in place of the one before and lays it on the deck.
   * @param {Object} song
   * @param {{plays: boolean, scrolls: boolean}} how
   */
  open(song, { plays = false, scrolls = false } = {}) {
    const [before, seenAt] = [this.current, song.element.getBoundingClientRect().top];
    this.current = song;
    equip(song, {
      select: (take) => this.select(take),
      seek: (take, seconds) => this.seekIn(take, seconds),
      pick: (take) => this.pick(take),
    });
    $("details", song.element).open = true;
    if (before && before !== song) this.leave(before);
    song.element.classList.add("is-current");
    const number = this.picks.of(song);
    const live = song.takes.find((take) => take.number === number) || song.takes[0] || null;
    this.deck.load(song.takes, live);
    this.layOut(song);
    this.show();
    showPicks(song, number);
    if (scrolls) song.element.scrollIntoView({ block: "nearest" });
    else window.scrollBy({ top: song.element.getBoundingClientRect().top - seenAt, behavior: "instant" });
    if (plays) this.deck.play();
  }

  leave(song) {
    $("details", song.element).open = false;
    song.element.classList.remove("is-current");
    for (const take of song.takes) {
      take.element.classList.remove("is-live");
      take.line?.show(0);
    }
    this.showStart(song);
  }

  /** The player's part that changes with the song. */
  layOut(song) {
    $(".song-name", this.player).textContent = song.title;
    const isMixed = new Set(song.takes.map((take) => take.key[0] === "s")).size > 1;
    const switches = song.takes.map((take) => {
      const button = make("button", { type: "button", "aria-label": take.name }, isMixed ? take.key : String(take.number));
      button.addEventListener("click", () => this.select(take));
      take.chip = button;
      if (take.digit) button.title = `${take.name} (${take.digit})`;
      return button;
    });
    $(".switches", this.player).replaceChildren(...(switches.length > 1 ? switches : []));
    $(".match", this.player).hidden = song.takes.filter((take) => take.gain !== null).length < 2;
    tellSystem(song, this.album);
  }

  /** Brings everything that is seen in step with the deck. */
  show() {
    const { deck, current } = this;
    const { live, isPlaying } = deck;
    for (const take of current.takes) {
      const isLive = take === live;
      take.element.classList.toggle("is-live", isLive);
      take.button.setAttribute("aria-pressed", String(isLive));
      take.chip.setAttribute("aria-pressed", String(isLive));
      take.quieterNote.textContent = this.quieter(take) && `played ${take.quieter}`;
    }
    this.showPlace(!isPlaying);
    const toggle = $("[data-act=toggle]", this.player);
    toggle.disabled = !live;
    drawButton(toggle, isPlaying, isPlaying ? "Pause" : "Play");
    this.showStart(current);
    $(".take-name", this.player).textContent = live ? live.name : "nothing to hear";
    $(".matched", this.player).textContent = live && this.quieter(live) ? ` ${live.quieter}` : "";
    this.follow();
    const main = $("[data-act=play-album]");
    if (!main) return;
    drawButton(main, isPlaying, null);
    $("span", main).textContent = isPlaying ? "Pause" : "Play";
  }

  /** Where it is in the song; the same place in every take. @param {boolean} isSaid as for a line */
  showPlace(isSaid) {
    const { live, place } = this.deck;
    for (const take of this.current.takes) take.line.show(Math.min(place, take.seconds), isSaid);
    const time = live ? ` · ${clock(place)} / ${clock(Math.round(live.seconds))}` : "";
    const shown = $(".time", this.player);
    if (shown.textContent !== time) shown.textContent = time;
    const share = live && live.seconds ? place / live.seconds : 0;
    $(".line", this.player).style.setProperty("--played", share);
  }

  /** While it plays, the line of the live take moves with every frame, if that is wanted. */
  follow() {
    if (this.isFollowing || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const step = () => {
      this.isFollowing = this.deck.isPlaying;
      if (!this.isFollowing) return;
      this.showPlace(false);
      requestAnimationFrame(step);
    };
    step();
  }

  showStart(song) {
    if (!song.start) return;
    const isPlaying = song === this.current && this.deck.isPlaying;
    drawButton(song.start, isPlaying, `${isPlaying ? "Pause" : "Play"} ${song.title}`);
  }

  /** @returns {string} how much quieter a take is played than it is, if it is */
  quieter(take) {
    return this.deck.isMatched && this.deck.canMatch && take.quieter ? take.quieter : "";
  }

  toggle() {
    if (this.deck.isPlaying) this.deck.pause();
    else this.deck.play();
  }

  select(take) {
    this.deck.select(take);
    const quieter = this.quieter(take);
    this.say(quieter ? `${take.name}, ${quieter} to match` : take.name);
  }

  /** A click into another take's line goes there in that take. */
  seekIn(take, seconds) {
    if (take !== this.deck.live) this.select(take);
    this.deck.seek(seconds);
  }

  /** @param {number} by 1 is the song after, -1 the one before */
  step(by) {
    const song = this.songs[this.songs.indexOf(this.current) + by];
    if (!song) return;
    this.open(song, { plays: this.deck.isPlaying, scrolls: true });
    $("summary", song.element).focus({ preventScroll: true });
  }

  /** The song is over: the next that can be heard follows; the last one rests at its beginning. */
  goOn() {
    const rest = this.songs.slice(this.songs.indexOf(this.current) + 1);
    const next = rest.find((song) => song.takes.length);
    if (next) this.open(next, { plays: true, scrolls: true });
    else this.deck.seek(0);
  }

  pick(take = this.deck.live) {
    if (!take) return;
    this.picks.choose(this.current, take.number);
    showPicks(this.current, take.number);
    this.showAllPicks();
    this.say(`${take.name} of ${this.current.title} is picked`);
  }

  match(isMatched) {
    this.deck.match(isMatched);
    $(".match input").checked = isMatched;
    this.show();
  }

  say(text) {
    $("[role=status]", this.player).textContent = text;
  }

  showAllPicks() {
    const changes = this.picks.changes;
    const dialog = $("#picks");
    $(".count", this.player).textContent = changes.length || "";
    $(".none", dialog).hidden = changes.length > 0;
    $(".some", dialog).hidden = changes.length === 0;
    const lines = changes.map(({ song, take }) => make("li", {}, make("bdi", {}, song.title), `: take ${song.pick} → ${take}`));
    $(".changes", dialog).replaceChildren(...lines);
    const yaml = $("textarea", dialog);
    yaml.value = picksYaml(changes);
    yaml.rows = Math.min(12, 2 * changes.length + 1);
  }

  undoPicks() {
    this.picks.undo();
    this.showAllPicks();
    if (this.current) showPicks(this.current, this.picks.of(this.current));
  }
}

/** A button that plays or pauses: its sign and, where it has no words, its name. */
function drawButton(button, isPlaying, name) {
  if (!button.firstElementChild) {
    const svg = $("[data-act=toggle] svg").cloneNode(true);
    button.append(svg);
  }
  $("use", button).setAttribute("href", isPlaying ? "#icon-pause" : "#icon-play");
  if (name) button.setAttribute("aria-label", name);
}

/** Tells the system's own media controls what plays. */
function tellSystem(song, album) {
  if (!("mediaSession" in navigator)) return;
  const cover = $(".sleeve img")?.src;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: song.title,
    artist: song.artist || album.artist,
    album: album.title,
    artwork: cover ? [{ src: cover }] : [],
  });
}
