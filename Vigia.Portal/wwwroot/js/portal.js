// Browser functions that the pages need and Blazor does not offer. They are in a file, because the content security
// policy forbids inline scripts.
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
      // Without HTTPS there is no clipboard API, but execCommand still works.
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

  // The last address that goTo opened.
  went: "",

  // Opens another page on the server's request. The server repeats a request that got no answer, and by then the person
  // may have moved to a different page. The server does not know the anchor of an address.
  goTo(from, to, isRepeated, replace, forceLoad) {
    const bare = (address) => address.split("#")[0];
    const target = new URL(to, document.baseURI).href;
    if (isRepeated && ![from, vigia.went].map(bare).includes(bare(location.href))) return false;
    vigia.went = target;
    Blazor.navigateTo(to, { forceLoad, replaceHistoryEntry: replace || location.href === target });
    return true;
  },

  // Sets the initial focus of a new page, unless an element other than its heading already has the focus.
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

  // Drafts keep the input of a form when the circuit is lost or the person leaves the page. Forms with data-draft store
  // their fields in this tab until they are submitted.
  draft(name) {
    return JSON.parse(sessionStorage.getItem(`draft:${name}`) ?? "null");
  },

  // The form's base data (data-draft-base) at the time of the first input.
  draftBase(name) {
    return sessionStorage.getItem(`draft-base:${name}`);
  },

  // The time of the last input, in milliseconds since 1970.
  draftAt(name) {
    return Number(sessionStorage.getItem(`draft-at:${name}`)) || null;
  },

  hasDraft(name) {
    return sessionStorage.getItem(`draft:${name}`) !== null;
  },

  forgetDraft(name) {
    for (const part of ["draft", "draft-base", "draft-at"]) sessionStorage.removeItem(`${part}:${name}`);
  },

  // The notices that the person received in this tab. The bell lists them.
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

  // True while a script dispatches field events, so that the handler below does not store them as new input.
  let restoring = false;
  document.addEventListener("input", (e) => {
    const form = e.target.closest?.("[data-draft]");
    if (!form || restoring || e.target.type === "password" || !e.target.id || "noDraft" in e.target.dataset) return;
    // Selecting a radio button clears the others of its group, and these get no event.
    const changed = e.target.type === "radio"
      ? [...form.querySelectorAll("input[type=radio]")].filter((radio) => radio.name === e.target.name)
      : [e.target];
    keep(form, Object.fromEntries(changed.map((field) => [field.id, valueOf(field)])));
  });

  // Stores values that a button of the form has set, like typed input. Does nothing if the form is gone.
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

  // When a dialog closes, the focus returns to the element that opened it, or to the page's heading if that element is
  // gone.
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

  // When a list shows another page, the focus moves to the start of the list. The pager announces the range of rows
  // (role=status). A page may have several lists, each in front of its pager. A person who goes somewhere else while
  // the answer is on its way is left there.
  let turned = null;
  const listOf = (pager) => {
    for (let part = pager.previousElementSibling; part; part = part.previousElementSibling) {
      const list = part.matches(".table-frame") ? part : part.querySelector(".table-frame");
      if (list) return list;
    }
    return null;
  };
  const pageOf = (pager) =>
    `${pager.querySelector(".num")?.textContent} ${listOf(pager)?.querySelector("tbody tr")?.textContent}`;
  document.addEventListener("click", (e) => {
    const pager = e.target.closest?.(".pager");
    turned = pager && e.target.closest("button, a") ? { pager, label: pager.ariaLabel, page: pageOf(pager) } : null;
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Tab") turned = null;
  });
  new MutationObserver(() => {
    if (turned === null) return;
    const pager = turned.pager.isConnected ? turned.pager
      : [...document.querySelectorAll(".pager")].find((candidate) => candidate.ariaLabel === turned.label);
    const list = pager && listOf(pager);
    if (!list || pageOf(pager) === turned.page) return;
    turned = null;
    list.focus({ preventScroll: true });
    list.scrollIntoView({ block: "nearest" });
  }).observe(document.body, { childList: true, subtree: true, characterData: true });

  // A search that is sent when its field is left may hold a text that was not sent. The server does not know of it, so
  // it would stay when the Back button shows an address with the same search. The list of tenants sends while a person
  // types.
  const unsent = new Map();
  const isSentLater = (field) => field.matches?.("input[type=search]:not(#list-search)");
  document.addEventListener("beforeinput", (e) => {
    if (isSentLater(e.target) && !unsent.has(e.target)) unsent.set(e.target, e.target.value);
  });
  document.addEventListener("change", (e) => unsent.delete(e.target));
  addEventListener("popstate", () => {
    for (const [field, before] of unsent) field.value = before;
    unsent.clear();
  });

  // Scrolls the current entry of a wide tab strip or filter row into view when it changes.
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

  // Dispatches the events of typed input, so that the server receives the value.
  function tell(field, events) {
    restoring = true;
    for (const name of events) field.dispatchEvent(new Event(name, { bubbles: true }));
    restoring = false;
  }

  // Input that was typed without a connection is on the screen, but never reached the server. This sends it.
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
    const show = () => { note.hidden = false; };
    const stop = fillAsFieldsCome(form, fields, before, show);
    note.querySelector("[data-draft-time]").textContent = timeOf(new Date(vigia.draftAt(name) ?? Date.now()));
    note.querySelector("button").addEventListener("click", () => {
      stop();
      // In reverse order, so that a dependent field is reset before the field that shows it hides it.
      fill(form, Object.fromEntries(Object.entries(before).reverse()), {});
      vigia.forgetDraft(name);
      note.hidden = true;
    });
  }

  // Fields may appear only after another one is filled, or after an answer of the server that takes long. Each is
  // filled when it appears. Nothing is said to be recovered before a field is.
  function fillAsFieldsCome(form, fields, before, onFilled) {
    let missing = fields;
    const observer = new MutationObserver(() => step());
    const step = () => {
      const awaited = Object.keys(missing).length;
      missing = fill(form, missing, before);
      const left = Object.keys(missing).length;
      if (left < awaited) onFilled();
      if (left === 0 || !form.isConnected) observer.disconnect();
    };
    observer.observe(form, { childList: true, subtree: true });
    step();
    return () => observer.disconnect();
  }

  // Formats a time in Lima's time zone, with the date unless it is today. The server uses the same format (LimaTime).
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

  // Fills the fields of one form, because another form may use the same ids. Returns the values whose fields are not
  // there. The previous values are stored in `before`.
  function fill(form, fields, before) {
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
    return missing;
  }

  // While the page is scrolled to the top, the bands above the bar leave less height for the menu's column.
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
    // The addresses contain search terms, so the positions are stored per person, like the drafts.
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
    for (const input of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(input, () => { cancelAnimationFrame(returning); returning = 0; }, { passive: true });
    }
  }

  if (document.getElementById("boot")) keepPlaces();

  // Sets the return address from the address bar, because a page can change its address without rendering the form
  // again.
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("[data-return-here]")) return;
    const field = e.target.querySelector("input[name='returnUrl']");
    if (field) field.value = location.pathname + location.search;
  });

  // Prints a page that is laid out for paper.
  document.addEventListener("click", (e) => {
    if (e.target.closest?.("[data-print]")) print();
  });

  // Shows or hides the text of a password field on the account pages.
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
