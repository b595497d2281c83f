"use strict";
// How a learner goes through cards: what comes when, and what is remembered of it. Functions of
// values alone: the clock and chance are passed in.
//
// A card is {key, was, chapter}: `elbo/1` is the first card of the note `elbo`, and `was` holds the
// keys that it had. Progress is {format, deck, cards}, where `cards` has, by key, the last rating
// (1 not at all … 5 perfectly), when it was given, and how many there were. A sitting is {cards,
// ratings, queue, done}: the keys that take part, what was answered, which are still to come, the
// next one first, and which are done.
globalThis.study = (() => {
  const FORMAT = 1;
  const MOST_TEXT = 1 << 24; // 100,000 cards, more than any deck has, are 9 million characters
  const LAST_MOMENT = 8.64e15; // the last one that a Date can be
  const DAY = 86_400_000;
  // Each has the slash that no name has that objects are born with, such as `__proto__`.
  const KEY = /^[a-z0-9][a-z0-9-]{0,63}\/[1-9][0-9]{0,4}$/;
  // After how many other cards a card comes back; a 4 or 5 is enough for today. Cards that are not
  // known at all go round in fours, which one can hold in mind: the next one comes only when one of
  // these is known better.
  const GAPS = { 1: 3, 2: 6, 3: 12 };
  const KNOWN = 4;

  const NO_PROGRESS = "This is not a file of progress: choose one that this page saved.";
  const TOO_LARGE = "This file is too large to be progress: choose one that this page saved.";
  const TOO_NEW = "A newer version of this page wrote this progress: open that version to read it.";
  const OTHER_DECK =
    "This is progress in another deck: load it on the page of that deck, or choose another file.";

  const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isWhole = (value, least, most) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  const isRating = (value) => isWhole(value, 1, 5);

  // Progress

  const none = (deck) => ({ format: FORMAT, deck, cards: {} });

  const isEntry = (entry) =>
    isRecord(entry) && isRating(entry.rating) && isWhole(entry.at, 0, LAST_MOMENT) &&
    isWhole(entry.times, 1, Number.MAX_SAFE_INTEGER);

  // With the same order of names each time: equal progress is the same text.
  const copy = ({ rating, at, times }) => ({ rating, at, times });

  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch { // for any reason: brackets may be too deep for it
      return null;
    }
  };

  // `dropped` says how many cards of a file made no sense, and were left out.
  const read = (text, deck) => {
    if (typeof text !== "string") return { wrong: NO_PROGRESS };
    if (text.length > MOST_TEXT) return { wrong: TOO_LARGE };
    const found = parsed(text);
    if (!isRecord(found) || !isWhole(found.format, 1, Number.MAX_SAFE_INTEGER)) {
      return { wrong: NO_PROGRESS };
    }
    if (found.format > FORMAT) return { wrong: TOO_NEW };
    if (typeof found.deck !== "string" || !isRecord(found.cards)) return { wrong: NO_PROGRESS };
    if (found.deck !== deck) return { wrong: OTHER_DECK };
    const all = Object.entries(found.cards);
    const good = all.filter(([key, entry]) => KEY.test(key) && isEntry(entry));
    const cards = Object.fromEntries(good.map(([key, entry]) => [key, copy(entry)]));
    return { progress: { ...none(deck), cards }, dropped: all.length - good.length };
  };

  const write = ({ deck, cards }) => {
    const sorted = Object.keys(cards).sort().map((key) => [key, copy(cards[key])]);
    const whole = { ...none(deck), cards: Object.fromEntries(sorted) };
    return `${JSON.stringify(whole, null, 1)}\n`;
  };

  const entry = (progress, key) => Object.hasOwn(progress.cards, key) ? progress.cards[key] : null;

  // The later of two, whichever comes first. Of two at once (the clock of a device was set back),
  // that which follows on more ratings; then the lower, which a learner meets sooner.
  const later = (a, b) => {
    if (!a || !b) return a ?? b;
    const order = a.at - b.at || a.times - b.times || b.rating - a.rating;
    return order < 0 ? b : a;
  };

  const join = (a, b) => {
    const cards = { ...a.cards };
    for (const [key, one] of Object.entries(b.cards)) cards[key] = later(entry(a, key), one);
    return { ...a, cards };
  };

  // What was remembered of a card under the keys that it had moves to that which it has. A key that
  // another card has now is that card's. What no card has stays: it may come back.
  const follow = (progress, cards) => {
    const present = new Set(cards.map(({ key }) => key));
    const moved = new Map();
    const left = new Set();
    for (const { key, was } of cards) {
      for (const old of was) {
        if (present.has(old) || !entry(progress, old)) continue;
        moved.set(key, later(moved.get(key) ?? entry(progress, key), entry(progress, old)));
        left.add(old);
      }
    }
    const stayed = Object.entries(progress.cards).filter(([key]) => !left.has(key));
    return { ...progress, cards: Object.fromEntries([...stayed, ...moved]) };
  };

  // How well a list of cards is known: the mean of their ratings as shares of 5, where a card that
  // was never seen is 0; how many were seen, how many of these are known, and how many there are.
  const mastery = (cards, progress) => {
    const ratings = cards.map(({ key }) => entry(progress, key)?.rating ?? 0);
    const of = ratings.length;
    const sum = ratings.reduce((total, rating) => total + rating, 0);
    const count = (least) => ratings.filter((rating) => rating >= least).length;
    return { mean: of ? sum / (5 * of) : 0, seen: count(1), known: count(KNOWN), of };
  };

  // A sitting

  // What a card is compared by when some are chosen, the least first. What went badly comes first,
  // the worst of it before the rest; then what is new, as the deck has it; then what is known. That
  // is asked again by whole days unseen: of those of the same evening, first what went less well,
  // and what took more ratings to get there.
  const urgency = (seen, place, now) => {
    if (!seen) return [1, place];
    if (seen.rating < KNOWN) return [0, seen.rating, seen.at, place];
    return [2, -Math.floor((now - seen.at) / DAY), seen.rating, -seen.times, place];
  };

  const compare = (a, b) => {
    const at = a.findIndex((value, place) => value !== b[place]);
    return at < 0 ? 0 : a[at] - b[at];
  };

  const shuffled = (list, random) => {
    const mixed = [...list];
    for (let last = mixed.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
    }
    return mixed;
  };

  // Where a rating of the first card in the queue leads. Where fewer others are left than the gap,
  // it comes after them.
  const next = ({ queue, done }, rating) => {
    const [key, ...rest] = queue;
    if (rating >= KNOWN) return { queue: rest, done: [...done, key] };
    const gap = GAPS[rating];
    return { queue: [...rest.slice(0, gap), key, ...rest.slice(gap)], done };
  };

  const frozen = (cards, ratings, { queue, done }) =>
    Object.freeze({
      cards: Object.freeze(cards),
      ratings: Object.freeze(ratings),
      queue: Object.freeze(queue),
      done: Object.freeze(done),
    });

  // Which cards, and in which order: by chance, or as in the deck, where one builds on another.
  const begin = (cards, progress, { most, shuffle, now, random }) => {
    const chosen = cards
      .map(({ key }, place) => ({ key, place, by: urgency(entry(progress, key), place, now) }))
      .sort((a, b) => compare(a.by, b.by))
      .slice(0, most)
      .sort((a, b) => a.place - b.place)
      .map(({ key }) => key);
    const keys = shuffle ? shuffled(chosen, random) : chosen;
    return frozen(keys, [], { queue: keys, done: [] });
  };

  // A sitting has ended when its queue is empty; what is rated then changes nothing.
  const rate = (sitting, progress, rating, now) => {
    if (!sitting.queue.length || !isRating(rating)) return { sitting, progress };
    const [key] = sitting.queue;
    const before = entry(progress, key);
    // A clock that was set back does not make this rating older than the one before.
    const at = Math.max(now, before?.at ?? 0);
    const times = Math.min((before?.times ?? 0) + 1, Number.MAX_SAFE_INTEGER);
    const written = { rating, at, times };
    const { queue, done } = sitting;
    const given = Object.freeze({ key, rating, before, after: written, queue, done });
    return {
      sitting: frozen(sitting.cards, [...sitting.ratings, given], next(sitting, rating)),
      progress: { ...progress, cards: { ...progress.cards, [key]: written } },
    };
  };

  const isSame = (a, b) => JSON.stringify(a && copy(a)) === JSON.stringify(b && copy(b));

  // Takes the last rating back: each one holds what was before it. What another page said of the
  // card since then stays.
  const undo = (sitting, progress) => {
    if (!sitting.ratings.length) return { sitting, progress };
    const last = sitting.ratings.at(-1);
    const earlier = frozen(sitting.cards, sitting.ratings.slice(0, -1), last);
    if (!isSame(entry(progress, last.key), last.after)) return { sitting: earlier, progress };
    const { [last.key]: _, ...cards } = progress.cards;
    if (last.before) cards[last.key] = last.before;
    return { sitting: earlier, progress: { ...progress, cards } };
  };

  // A sitting goes on with the cards of a later version of the deck: by the keys that they have now,
  // and without those that are gone.
  const carry = (sitting, cards) => {
    const present = new Set(cards.map(({ key }) => key));
    const moved = new Map(
      cards.flatMap(({ key, was }) =>
        was.filter((old) => !present.has(old)).map((old) => [old, key])
      ),
    );
    const now = (keys) =>
      [...new Set(keys.map((key) => moved.get(key) ?? key))].filter((key) => present.has(key));
    const queues = ({ queue, done }) => ({ queue: now(queue), done: now(done) });
    const ratings = sitting.ratings
      .map((given) => ({ ...given, key: moved.get(given.key) ?? given.key, ...queues(given) }))
      .filter(({ key }) => present.has(key));
    return frozen(now(sitting.cards), ratings, queues(sitting));
  };

  // What was hard: the cards rated 1 or 2, how often they were, and how often 1. The hardest comes
  // first; of two alike, the one that was met first.
  const hard = ({ ratings }) => {
    const found = new Map();
    for (const { key, rating } of ratings) {
      if (rating > 2) continue;
      const { often, ones } = found.get(key) ?? { often: 0, ones: 0 };
      found.set(key, { key, often: often + 1, ones: ones + (rating === 1) });
    }
    return [...found.values()].sort((a, b) => b.often - a.often || b.ones - a.ones);
  };

  return { none, read, write, join, follow, mastery, begin, rate, undo, carry, hard };
})();
