/* Songs as the page holds them, and the controls that an open one gets. */

/**
 * @param {HTMLElement} element a song's entry in the list
 * @returns {Object} what the page knows of it; takes that can be heard in the order of their keys
 */
function readSong(element) {
  const takes = $$(".take", element).map(readTake);
  return {
    element,
    id: element.dataset.song,
    pick: Number(element.dataset.pick),
    title: $("h3", element).textContent,
    artist: $(".artist", element)?.textContent,
    numbers: takes.map((take) => take.number),
    takes: takes.filter((take) => take.url),
    isReady: false,
  };
}

function readTake(element) {
  const { key, digit, number, audio, ms, gain, quieter, wave } = element.dataset;
  return {
    element,
    key,
    digit,
    number: Number(number),
    name: element.dataset.name,
    url: audio,
    seconds: Number(ms) / 1000,
    gain: gain === undefined ? null : Number(gain),
    quieter,
    peaks: wave ? peaksOf(wave) : null,
    sound: null,
  };
}

/**
 * Gives an open song what only a script can do: take buttons, lines of time, picks.
 * @param {Object} song
 * @param {{select: function(Object): void, seek: function(Object, number): void,
 *   pick: function(Object): void}} acts
 */
function equip(song, acts) {
  if (song.isReady) return;
  song.isReady = true;
  const longest = Math.max(...song.takes.map((take) => take.seconds));
  const loudest = Math.max(1, ...song.takes.flatMap((take) => take.peaks || []));
  for (const take of song.takes) {
    const head = $(".head", take.element);
    [take.button, take.pickButton] = [$("h4 button", head), $(".pick", head)];
    take.button.addEventListener("click", () => acts.select(take));
    take.pickButton.addEventListener("click", () => acts.pick(take));
    take.button.disabled = false;
    take.pickButton.disabled = false;
    take.quieterNote = make("span", { class: "quieter" });
    $(".facts", head).append(take.quieterNote);
    take.line = new TimeLine(take, {
      share: longest ? take.seconds / longest : 1,
      loudest,
      title: song.title,
      seek: (seconds) => acts.seek(take, seconds),
    });
    $(".wave", take.element).append(take.line.element);
  }
}

/** Shows which take of a song is picked, by the page and by the manifest. */
function showPicks(song, number) {
  for (const take of song.takes) {
    const isPicked = take.number === number;
    take.pickButton.setAttribute("aria-pressed", String(isPicked));
    take.pickButton.firstChild.data = isPicked ? "Picked" : "Pick";
    const told = $(".picked", take.element);
    if (told) told.hidden = isPicked;
  }
}
