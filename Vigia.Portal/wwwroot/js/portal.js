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

  // The notices of this tab, for the bell.
  said() {
    return JSON.parse(sessionStorage.getItem("said:") ?? "[]");
  },

  keepSaid(said) {
    sessionStorage.setItem("said:", JSON.stringify(said));
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

  document.addEventListener("input", (e) => {
    const form = e.target.closest?.("[data-draft]");
    if (!form || e.target.type === "password" || !e.target.id || "noDraft" in e.target.dataset) return;
    const key = `draft:${form.dataset.draft}`;
    const fields = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    fields[e.target.id] = e.target.type === "checkbox" ? String(e.target.checked) : e.target.value;
    sessionStorage.setItem(key, JSON.stringify(fields));
    sessionStorage.setItem(`draft-at:${form.dataset.draft}`, Date.now());
    const base = `draft-base:${form.dataset.draft}`;
    if (form.dataset.draftBase && sessionStorage.getItem(base) === null) {
      sessionStorage.setItem(base, form.dataset.draftBase);
    }
  });

  // Drafts are the person's who typed them: nobody finds them after signing out, wherever the person did it and in
  // whichever tab they lie.
  const forgetDrafts = () => {
    for (const key of Object.keys(sessionStorage)) {
      if (/^(draft(-base|-at)?|said):/.test(key)) sessionStorage.removeItem(key);
    }
  };
  const signOuts = new BroadcastChannel("vigia.sign-out");
  signOuts.onmessage = forgetDrafts;
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("#sign-out, .lock-out")) return;
    forgetDrafts();
    signOuts.postMessage("");
  });

  // A dialog with a form: what was typed comes back when the page was lost under it, and goes when the dialog is
  // closed. The browser does all of it, because the circuit that knew of the dialog is gone.
  const dialogForms = new Map();
  new MutationObserver(() => {
    if (isLocked()) return;
    for (const [form, name] of dialogForms) {
      if (!form.isConnected) {
        dialogForms.delete(form);
        vigia.forgetDraft(name);
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

  // What was typed while the connection was away never reached the server, although the screen shows it.
  vigia.resendDrafts = () => {
    for (const form of document.querySelectorAll("[data-draft]")) {
      for (const id of Object.keys(vigia.draft(form.dataset.draft) ?? {})) {
        const field = document.getElementById(id);
        if (!field || !form.contains(field)) continue;
        if (field.type !== "checkbox" && field.type !== "radio") {
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  };

  function restore(form) {
    const name = form.dataset.draft;
    const fields = vigia.draft(name);
    const note = form.closest(".mud-dialog").querySelector("[data-draft-note]");
    if (!fields || !note) return;
    const before = {};
    for (const id of Object.keys(fields)) {
      const field = document.getElementById(id);
      if (field) before[id] = field.type === "checkbox" || field.type === "radio" ? String(field.checked) : field.value;
    }
    fill(fields);
    const at = new Date(vigia.draftAt(name) ?? Date.now());
    const time = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone: "America/Lima",
    });
    note.querySelector("[data-draft-time]").textContent = time.format(at);
    note.querySelector("button").addEventListener("click", () => {
      fill(before);
      vigia.forgetDraft(name);
      note.hidden = true;
    });
    note.hidden = false;
  }

  // As if it were typed, so that the server learns of it. A field that another one brings with it is filled when it is
  // there.
  function fill(fields, tries = 20) {
    const missing = {};
    for (const [id, value] of Object.entries(fields)) {
      const field = document.getElementById(id);
      if (!field) {
        missing[id] = value;
      } else if (field.type === "checkbox" || field.type === "radio") {
        if (String(field.checked) !== value) field.click();
      } else if (field.value !== value) {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    if (tries > 0 && Object.keys(missing).length > 0) setTimeout(() => fill(missing, tries - 1), 100);
  }

  // Back comes back to where one was: the page is drawn after the browser has tried, so it is scrolled when it is long
  // enough again. A page without a circuit is there at once: the browser knows its places, and its anchors.
  function keepPlaces() {
    const places = JSON.parse(sessionStorage.getItem("vigia:places") ?? "{}");
    let returning = 0;
    history.scrollRestoration = "manual";
    document.addEventListener("scroll", () => {
      if (!returning) places[location.href] = Math.round(scrollY);
    }, { passive: true });
    addEventListener("pagehide", () => sessionStorage.setItem("vigia:places", JSON.stringify(places)));
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
