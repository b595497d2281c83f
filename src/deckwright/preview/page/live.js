"use strict";
// While the deck is edited, this page becomes what the server made last, and keeps its place.
{
  const { $, made } = page;
  let lost = false;

  const become = (state) => {
    const before = new Map(
      cardFrames.data.notes.map((note) => [note.id, JSON.stringify(note.cards)]),
    );
    cardFrames.renew(state.data);
    strip.renew(state.strip);
    $("COVER").innerHTML = state.cover;
    $("FOOT").innerHTML = state.foot;
    for (const id of ["GET_HERE", "GET_THEN"]) $(id).innerHTML = state.get;
    browse.renew(state.chapters, state.title);
    session.renew();
    return state.data.notes.filter(({ id, cards }) => before.get(id) !== JSON.stringify(cards));
  };

  const offer = (changed) => {
    const [one] = changed;
    const isSeen = (id) => browse.shows(id) || session.shows(id);
    if (changed.length !== 1 || isSeen(one.id)) return strip.say();
    const link = made("a", { href: `#${one.id}`, textContent: one.id });
    link.addEventListener("click", () => strip.say());
    strip.say("Changed: ", link);
  };

  const update = async () => {
    const answer = await fetch("state.json", { cache: "no-store" });
    if (!answer.ok) return;
    const state = await answer.json();
    // Another deck is served here now, with progress of its own.
    if (state.data.deck !== cardFrames.data.deck) location.reload();
    else offer(become(state));
  };

  const heard = async (number) => {
    if (lost) strip.say();
    lost = false;
    if (number !== cardFrames.data.build) await update();
  };

  let queue = Promise.resolve();
  let events = null;
  const listen = () => {
    events = new EventSource("events");
    events.addEventListener("build", ({ data }) => {
      queue = queue.then(() => heard(Number(data))).catch(console.error);
    });
    events.addEventListener("error", () => {
      lost = true;
      strip.say("The preview is not running any more: start it again, and this page goes on.");
    });
  };

  // A browser has six connections to a server: a tab that is not looked at needs none.
  document.addEventListener("visibilitychange", () => {
    events?.close();
    if (!document.hidden) listen();
  });
  if (!document.hidden) listen();
}
