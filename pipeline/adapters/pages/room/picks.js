/* Picks made in the page: only those that differ from the manifest, kept if the browser keeps. */

class Picks {
  /**
   * @param {string} album its id
   * @param {{id: string, pick: number, numbers: number[]}[]} songs in track order
   */
  constructor(album, songs) {
    this.key = `songmake.picks.${album}`;
    this.songs = songs;
    this.chosen = this.kept();
    this.keep();
  }

  /** @returns {Map<string, number>} what was kept, without what the manifest says by now */
  kept() {
    let said = {};
    try {
      said = JSON.parse(localStorage.getItem(this.key)) || {};
    } catch {
      said = {}; // no storage, or not what was written
    }
    const differing = this.songs.filter(({ id, pick, numbers }) => said[id] !== pick && numbers.includes(said[id]));
    return new Map(differing.map(({ id }) => [id, said[id]]));
  }

  keep() {
    try {
      if (this.chosen.size) localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(this.chosen)));
      else localStorage.removeItem(this.key);
    } catch {
      // picks last as long as the page
    }
  }

  /** @param {{id: string, pick: number}} song @returns {number} the take that is its pick now */
  of(song) {
    return this.chosen.get(song.id) ?? song.pick;
  }

  /** @param {{id: string, pick: number}} song @param {number} number of the take */
  choose(song, number) {
    if (number === song.pick) this.chosen.delete(song.id);
    else this.chosen.set(song.id, number);
    this.keep();
  }

  undo() {
    this.chosen.clear();
    this.keep();
  }

  /** @returns {{id: string, take: number, song: Object}[]} in track order */
  get changes() {
    const changed = this.songs.filter(({ id }) => this.chosen.has(id));
    return changed.map((song) => ({ id: song.id, take: this.chosen.get(song.id), song }));
  }
}
