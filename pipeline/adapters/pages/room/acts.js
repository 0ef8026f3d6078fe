/* What a hand does: buttons, keys, dialogs. */

const room = new Room();

const ACTS = {
  "play-album": () => room.toggle(),
  toggle: () => room.toggle(),
  previous: () => room.step(-1),
  next: () => room.step(1),
  undo: () => room.undoPicks(),
  copy: (button) => copyPicks(button),
  download: () => downloadPicks(),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.act) ACTS[button.dataset.act](button);
  if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
  if ("close" in button.dataset) button.closest("dialog").close();
});
$(".match input").addEventListener("change", (event) => room.match(event.target.checked));
if (!room.deck.canMatch) $(".match").replaceChildren("This browser leaves loudness to its buttons");

if ("mediaSession" in navigator) {
  const acts = {
    play: () => room.deck.play(),
    pause: () => room.deck.pause(),
    previoustrack: () => room.step(-1),
    nexttrack: () => room.step(1),
    seekto: ({ seekTime }) => room.deck.seek(seekTime),
  };
  for (const [name, act] of Object.entries(acts)) {
    try {
      navigator.mediaSession.setActionHandler(name, act);
    } catch {
      // a browser need not know every action
    }
  }
}

/* Keys. After a click a button still has the focus; space then means the music, not the button. */
let isPointed = false;
document.addEventListener("pointerdown", () => { isPointed = true; }, true);
document.addEventListener("keydown", (event) => { if (event.key === "Tab") isPointed = false; }, true);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("textarea, select, [contenteditable], input:not([type=checkbox])")) return;
  if ($("dialog[open]")) return;
  const act = actOf(key, target, event.shiftKey);
  if (!act) return;
  event.preventDefault();
  act();
});

/** @returns {?function(): void} what a key does, or nothing: then it is the browser's */
function actOf(key, target, isShifted) {
  if (/^[1-9]$/.test(key)) {
    const take = room.current?.takes.find((one) => one.digit === key);
    return take ? () => room.select(take) : null;
  }
  if (key === "?") return () => $("#help").showModal();
  if (isShifted) return null;
  switch (key) {
    case " ": return isForMusic(target) ? () => { target.closest("button, a")?.blur(); room.toggle(); } : null;
    case "ArrowLeft": return isScrolling(target) ? null : () => room.deck.seek(room.deck.place - 5);
    case "ArrowRight": return isScrolling(target) ? null : () => room.deck.seek(room.deck.place + 5);
    case "ArrowUp": return neighbour(target, -1);
    case "ArrowDown": return neighbour(target, 1);
    case "k": return () => room.step(-1);
    case "j": return () => room.step(1);
    case "p": return () => room.pick();
    case "m": return () => room.match(!room.deck.isMatched);
    default: return null;
  }
}

function isForMusic(target) {
  if (target.closest("input")) return false;
  return isPointed || !target.closest("button, a");
}

/** A table that is wider than the page is scrolled with these keys. */
function isScrolling(target) {
  const box = target.closest(".compare");
  return Boolean(box) && box.scrollWidth > box.clientWidth;
}

/** In the list, up and down go from song to song; elsewhere they scroll. */
function neighbour(target, by) {
  const place = room.songs.findIndex((song) => $("summary", song.element) === target);
  const song = place < 0 ? null : room.songs[place + by];
  return song ? () => $("summary", song.element).focus() : null;
}

/* Picks leave the page as text. */
function copyPicks(button) {
  const text = $("#picks textarea");
  const done = (words) => {
    button.textContent = words;
    setTimeout(() => { button.textContent = "Copy as YAML"; }, 2000);
  };
  const byHand = () => {
    text.select();
    done(document.execCommand("copy") ? "Copied" : "Selected: copy it");
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(() => done("Copied"), byHand);
  else byHand();
}

function downloadPicks() {
  const file = new Blob([picksFile(room.album.id, room.picks.changes)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: `${room.album.id}.picks.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
