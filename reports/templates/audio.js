"use strict";
// What the server spoke: a player, a waveform and the words for each item.
const sounds = (() => {
  const { make, svg } = parts;

  const waveform = (peaks) => {
    const step = 100 / Math.max(1, peaks.length);
    const bars = peaks.map((peak, i) => svg("rect", {
      x: (i * step).toFixed(2), width: (step * .7).toFixed(2), y: (50 - peak / 2).toFixed(1), height: Math.max(1, peak).toFixed(1),
    }));
    return svg("svg", { class: "waveform", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }, ...bars);
  };

  const source = (sound) => (sound.block
    ? URL.createObjectURL(new Blob([conversations.bytes(sound.block)], { type: "audio/wav" })) : sound.file);

  const shown = (sound, jump) => {
    const item = make("li");
    const rate = sound.rate ? `, ${sound.rate.toLocaleString("en")} Hz` : "";
    const about = `${sound.type.replace("audio/", "") || "format unknown"}${rate}, ${sound.seconds.toFixed(2)} s`;
    const name = make("button", "quiet mono", sound.item || "an item without id");
    name.type = "button";
    name.title = "Show where it begins";
    name.addEventListener("click", () => jump(sound.seq));
    item.append(make("div", "", name, " ", make("span", "small soft", about)));
    if (sound.block || sound.file) {
      const audio = make("audio");
      audio.controls = true;
      audio.preload = sound.block ? "auto" : "none";
      audio.setAttribute("aria-label", `Audio of ${sound.item}`);
      audio.src = source(sound);
      item.append(make("div", "heard", waveform(sound.peaks), audio));
    } else {
      const why = sound.type ? "It cannot be heard here: see the trace." : "Its format is not known, so it cannot be played.";
      item.append(make("p", "small soft", why));
    }
    item.append(make("p", "words", make("bdi", "", sound.transcript || "No transcript came.")));
    if (sound.broken) item.append(make("p", "small soft", `${sound.broken} deltas are not Base64, and are left out.`));
    return item;
  };

  let open = [];
  const show = (list, all, jump) => {
    for (const each of open) URL.revokeObjectURL(each);
    list.replaceChildren(...all.map((sound) => shown(sound, jump)));
    open = [...list.querySelectorAll("audio")].map((audio) => audio.src).filter((src) => src.startsWith("blob:"));
  };
  return { show };
})();
