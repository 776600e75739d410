// What the pages need from the browser and Blazor has no word for. No inline scripts anywhere: the content policy
// forbids them.
window.vigia = {
  setTheme(theme) {
    vigiaTheme.remember(theme);
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="color-scheme"]').content = theme;
  },

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without HTTPS there is no clipboard API; the old way still works.
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      (document.querySelector("dialog[open], .mud-dialog") ?? document.body).appendChild(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  },

  scrollIntoView(id) {
    document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  },

  focus(id) {
    document.getElementById(id)?.focus();
  },

  // Where goTo went last.
  went: "",

  // Goes to another page for the server, which asks again when it got no answer. Then the person may be elsewhere
  // already. The server does not know the anchor of an address.
  goTo(from, to, isRepeated, replace, forceLoad) {
    const bare = (address) => address.split("#")[0];
    const target = new URL(to, document.baseURI).href;
    if (isRepeated && ![from, vigia.went].map(bare).includes(bare(location.href))) return false;
    vigia.went = target;
    Blazor.navigateTo(to, { forceLoad, replaceHistoryEntry: replace || location.href === target });
    return true;
  },

  // Where the keyboard starts on a page that has just been drawn; whoever is already somewhere stays there.
  startAt(selector) {
    const target = document.querySelector(selector);
    if (target && [document.body, document.querySelector("h1")].includes(document.activeElement)) target.focus();
  },

  preference(name) {
    return localStorage.getItem(`vigia:${name}`);
  },

  remember(name, value) {
    localStorage.setItem(`vigia:${name}`, value);
  },

  setValue(id, value) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  },

  setHalfTicked(id, half) {
    const box = document.getElementById(id);
    if (box) box.indeterminate = half;
  },

  // What was typed survives a lost circuit and another page: forms with data-draft keep their fields in this tab until
  // they are sent.
  draft(name) {
    return JSON.parse(sessionStorage.getItem(`draft:${name}`) ?? "null");
  },

  // What the form was made from (data-draft-base) when the first of it was typed.
  draftBase(name) {
    return sessionStorage.getItem(`draft-base:${name}`);
  },

  // When the last of it was typed, in milliseconds since 1970.
  draftAt(name) {
    return Number(sessionStorage.getItem(`draft-at:${name}`)) || null;
  },

  hasDraft(name) {
    return sessionStorage.getItem(`draft:${name}`) !== null;
  },

  forgetDraft(name) {
    for (const part of ["draft", "draft-base", "draft-at"]) sessionStorage.removeItem(`${part}:${name}`);
  },

  // The notices that a person got in this tab, for the bell.
  said(person) {
    return JSON.parse(sessionStorage.getItem(`said:${person}`) ?? "[]");
  },

  keepSaid(person, said) {
    sessionStorage.setItem(`said:${person}`, JSON.stringify(said));
  },
};

(function () {
  const typing = (target) => target instanceof HTMLElement
    && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
  const isLocked = () => "locked" in document.documentElement.dataset;
  const dialogOpen = () => document.querySelector(".mud-dialog, dialog[open]") !== null;

  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
      const search = document.querySelector("[data-shortcut='search']");
      if (search) {
        e.preventDefault();
        if (!dialogOpen()) search.click();
      }
      return;
    }

    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || dialogOpen()) return;

    if (e.key === "/") {
      const field = document.querySelector("[data-page-search] input, input[data-page-search]");
      const target = field ?? document.querySelector("[data-shortcut='search']");
      if (target) {
        e.preventDefault();
        field ? (field.focus(), field.select()) : target.click();
      }
    } else if (e.key === "?") {
      document.querySelector("[data-shortcut='keys']")?.click();
    }
  });

  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const valueOf = (field) => isTicked(field) ? String(field.checked) : field.value;
  const fieldOf = (form, id) => [...form.querySelectorAll("[id]")].find((field) => field.id === id);

  function keep(form, fields) {
    const name = form.dataset.draft;
    sessionStorage.setItem(`draft:${name}`, JSON.stringify({ ...vigia.draft(name), ...fields }));
    sessionStorage.setItem(`draft-at:${name}`, Date.now());
    const base = `draft-base:${name}`;
    if (form.dataset.draftBase && sessionStorage.getItem(base) === null) {
      sessionStorage.setItem(base, form.dataset.draftBase);
    }
  }

  // What is put back into a form was typed earlier.
  let restoring = false;
  document.addEventListener("input", (e) => {
    const form = e.target.closest?.("[data-draft]");
    if (!form || restoring || e.target.type === "password" || !e.target.id || "noDraft" in e.target.dataset) return;
    // Choosing one of several takes the choice from the others, and they hear nothing of it.
    const changed = e.target.type === "radio"
      ? [...form.querySelectorAll("input[type=radio]")].filter((radio) => radio.name === e.target.name)
      : [e.target];
    keep(form, Object.fromEntries(changed.map((field) => [field.id, valueOf(field)])));
  });

  // What a button of a form has set is kept as if it were typed. A form that is gone by then keeps nothing.
  vigia.keep = (name, fields) => {
    const form = [...document.querySelectorAll("[data-draft]")].find((candidate) => candidate.dataset.draft === name);
    if (form) keep(form, fields);
  };

  // Drafts belong to one person. Signing out in any tab deletes them in all tabs. After any other end of a sign-in, the
  // same person finds them again, and the sign-in of another person deletes them.
  const forgetDrafts = (except) => {
    for (const key of Object.keys(sessionStorage)) {
      const person = /^(?:draft(?:-base|-at)?|said|places):([^/]*)/.exec(key)?.[1];
      if (person !== undefined && person !== except) sessionStorage.removeItem(key);
    }
  };
  const me = document.body.dataset.person;
  if (me) forgetDrafts(me);
  const signOuts = new BroadcastChannel("vigia.sign-out");
  signOuts.onmessage = () => forgetDrafts();
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("#sign-out, .lock-out")) return;
    forgetDrafts();
    signOuts.postMessage("");
  });

  // Restores the input of a dialog after its page was lost. Closing the dialog deletes the input, unless a refusal
  // closed it. This runs in the browser, because the circuit of the dialog is gone.
  const dialogForms = new Map();
  new MutationObserver(() => {
    if (isLocked()) return;
    for (const [form, name] of dialogForms) {
      if (!form.isConnected) {
        dialogForms.delete(form);
        if (!("draftHeld" in form.dataset)) vigia.forgetDraft(name);
      }
    }
    for (const form of document.querySelectorAll(".mud-dialog [data-draft]")) {
      if (!dialogForms.has(form)) {
        dialogForms.set(form, form.dataset.draft);
        restore(form);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });

  // Closing a dialog gives the keyboard back to what opened it; to the page's heading if that is gone.
  let opener = null;
  let inDialog = false;
  document.addEventListener("focusin", (e) => {
    if (!dialogOpen() && !e.target.closest(".mud-snackbar")) opener = e.target;
  });
  new MutationObserver(() => {
    if (isLocked()) return;
    const open = document.querySelector(".mud-dialog") !== null;
    if (inDialog && !open && [null, document.body].includes(document.activeElement)) {
      const target = opener?.isConnected && !opener.disabled ? opener : document.querySelector("main h1");
      target?.focus();
    }
    inDialog = open;
  }).observe(document.body, { childList: true, subtree: true });

  // Another page of a list: the keyboard starts at its first row, and the pager says which rows these are
  // (role=status).
  let turned = null;
  let turnedAt = 0;
  document.addEventListener("click", (e) => {
    const pager = e.target.closest?.(".pager");
    if (pager && e.target.closest("button, a")) {
      [turned, turnedAt] = [pager.querySelector(".num")?.textContent ?? "", performance.now()];
    }
  });
  new MutationObserver(() => {
    if (turned !== null && performance.now() - turnedAt > 5000) turned = null;
    if (turned === null) return;
    const range = document.querySelector(".pager .num");
    if (range && range.textContent === turned) return;
    const list = range?.closest(".pager").parentElement.querySelector(".table-frame");
    if (list) {
      turned = null;
      list.focus({ preventScroll: true });
      list.scrollIntoView({ block: "nearest" });
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });

  // A strip that is too wide for the window shows the entry where one is, whenever that is another one.
  const strips = new WeakMap();
  const showCurrent = (again) => {
    for (const strip of document.querySelectorAll(".tabs, .filter-row")) {
      const current = strip.querySelector("[aria-current], [aria-pressed='true']");
      if (!current || (strips.get(strip) === current && !again)) continue;
      strips.set(strip, current);
      const [outer, inner] = [strip.getBoundingClientRect(), current.getBoundingClientRect()];
      strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    }
  };
  new MutationObserver(() => showCurrent(false)).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["aria-current", "aria-pressed"],
  });
  addEventListener("resize", () => showCurrent(true));

  // As if a person had done it, so that the server learns of it.
  function tell(field, events) {
    restoring = true;
    for (const name of events) field.dispatchEvent(new Event(name, { bubbles: true }));
    restoring = false;
  }

  // What was typed while the connection was away never reached the server, although the screen shows it.
  vigia.resendDrafts = () => {
    for (const form of document.querySelectorAll("[data-draft]")) {
      for (const id of Object.keys(vigia.draft(form.dataset.draft) ?? {})) {
        const field = fieldOf(form, id);
        if (!field || (field.type === "radio" && !field.checked)) continue;
        tell(field, isTicked(field) ? ["change"] : ["input", "change"]);
      }
    }
  };

  function restore(form) {
    const name = form.dataset.draft;
    const fields = vigia.draft(name);
    const note = form.querySelector("[data-draft-note]");
    if (!fields || !note) return;
    const before = {};
    fill(form, fields, before);
    note.querySelector("[data-draft-time]").textContent = timeOf(new Date(vigia.draftAt(name) ?? Date.now()));
    note.querySelector("button").addEventListener("click", () => {
      // The last ones first: a field that another one has brought with it is emptied before it goes.
      fill(form, Object.fromEntries(Object.entries(before).reverse()), {});
      vigia.forgetDraft(name);
      note.hidden = true;
    });
    note.hidden = false;
  }

  // In Lima, with the day when it was not today, as the server writes it (LimaTime).
  function timeOf(at) {
    const language = document.documentElement.lang;
    const say = (moment, options) => {
      const format = new Intl.DateTimeFormat(language, { timeZone: "America/Lima", ...options });
      return Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));
    };
    const spanish = language.startsWith("es");
    const dayOf = (moment) => {
      const { day, month, year } = say(
        moment, { day: "numeric", month: spanish ? "2-digit" : "short", year: "numeric" });
      return [day, month, year].join(spanish ? "/" : " ");
    };
    const { hour, minute } = say(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const time = `${hour}:${minute}`;
    return dayOf(at) === dayOf(new Date()) ? time : `${dayOf(at)} ${time}`;
  }

  // A field that another one brings with it is filled when it is there. Another form may have fields of the same name.
  // What the fields held goes into before.
  function fill(form, fields, before, tries = 50) {
    const missing = {};
    for (const [id, value] of Object.entries(fields)) {
      const field = fieldOf(form, id);
      if (!field) {
        missing[id] = value;
        continue;
      }
      before[id] ??= valueOf(field);
      if (valueOf(field) === value) continue;
      if (field.type === "radio" && value !== "true") continue;
      if (isTicked(field)) {
        restoring = true;
        field.click();
        restoring = false;
      } else {
        field.value = value;
        tell(field, ["input", "change"]);
      }
    }
    if (tries > 0 && form.isConnected && Object.keys(missing).length > 0) {
      setTimeout(() => fill(form, missing, before, tries - 1), 100);
    }
  }

  // The bands above the bar take their height from the menu's column while the page is at its top.
  let bands = null;
  const bandsSize = new ResizeObserver(
    () => document.documentElement.style.setProperty("--bands", `${bands.offsetHeight}px`));
  new MutationObserver(() => {
    const present = document.querySelector(".bands");
    if (!present || present === bands) return;
    bandsSize.disconnect();
    bands = present;
    bandsSize.observe(bands);
  }).observe(document.body, { childList: true, subtree: true });

  // Restores the scroll position after Back. The page is drawn after the browser's own attempt, so this scrolls as soon
  // as the page is long enough. Pages without a circuit do not need it: the browser restores their positions and
  // anchors.
  function keepPlaces() {
    // The addresses have what was searched for, so they are kept by person like the drafts.
    const key = `places:${document.body.dataset.person}`;
    const places = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    let returning = 0;
    history.scrollRestoration = "manual";
    document.addEventListener("scroll", () => {
      if (!returning) places[location.href] = Math.round(scrollY);
    }, { passive: true });
    addEventListener("pagehide", () => sessionStorage.setItem(key, JSON.stringify(places)));
    addEventListener("popstate", () => {
      const wanted = places[location.href] ?? 0;
      const until = performance.now() + 3000;
      cancelAnimationFrame(returning);
      const step = () => {
        scrollTo(0, wanted);
        returning = Math.abs(scrollY - wanted) > 1 && performance.now() < until ? requestAnimationFrame(step) : 0;
      };
      returning = requestAnimationFrame(step);
    });
    for (const hand of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(hand, () => { cancelAnimationFrame(returning); returning = 0; }, { passive: true });
    }
  }

  if (document.getElementById("boot")) keepPlaces();

  // The address to come back to is the one in the bar, also when the page changed it without drawing the form again.
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("[data-return-here]")) return;
    const field = e.target.querySelector("input[name='returnUrl']");
    if (field) field.value = location.pathname + location.search;
  });

  // A page made for paper.
  document.addEventListener("click", (e) => {
    if (e.target.closest?.("[data-print]")) print();
  });

  // Account pages: show what was typed into a password field.
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? button.dataset.hideText : button.dataset.showText;
    field.focus();
  });
})();
