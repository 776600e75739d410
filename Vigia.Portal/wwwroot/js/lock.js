// The lock. After some minutes without input, every tab of this sign-in covers its page and notifies the server, which
// decides by its own clock. The page's nodes are removed from the document while it is locked, so the page source shows
// no data either. Unlocking puts the nodes back, including the input in the forms.
// All tabs share the time of the last input, so activity in one tab keeps all of them unlocked.
(function () {
  const root = document.documentElement;
  const channel = new BroadcastChannel("vigia.session");
  const memory = {};
  const key = (name) => `vigia:lock:${name}`;
  const read = (name) => { try { return localStorage.getItem(key(name)); } catch { return memory[name] ?? null; } };
  const write = (name, value) => {
    memory[name] = String(value);
    try { localStorage.setItem(key(name), value); } catch { /* Without storage, the value stays in this tab. */ }
  };
  const forget = (name) => {
    delete memory[name];
    try { localStorage.removeItem(key(name)); } catch { /* Without storage, no other tab has the value. */ }
  };

  const tokenIn = (place) => place.querySelector("input[name='__RequestVerificationToken']").value;

  // Returns null if the server does not answer.
  async function send(url, token, fields) {
    const options = fields
      ? { method: "POST", body: new URLSearchParams(fields), headers: { RequestVerificationToken: token } }
      : {};
    try {
      const answer = await fetch(url, { ...options, cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // Unlocks with a passkey. Returns the server's answer, or a message if the device returned nothing.
  async function unlockByPasskey(request, failed) {
    const asked = await request("/clave", {});
    if (asked?.state !== "locked") return asked;
    const credential = asked.options && await window.vigia.passkeys.get(asked.options);
    return credential ? request("/desbloquear", { credential }) : { state: "locked", message: failed };
  }

  // The unlock page, which the server sends instead of any other page while the sign-in is locked. It redirects when
  // another tab has unlocked the sign-in.
  const waiting = document.querySelector("[data-locked-return]");
  if (waiting) {
    forget("untold");
    const goOn = () => location.replace(waiting.dataset.lockedReturn);
    channel.onmessage = (e) => { if (e.data === "open") goOn(); };
    const box = document.querySelector("[data-passkey-unlock]");
    if (!box || !window.vigia.passkeys.supported()) return;
    const [button, note] = [box.querySelector("button"), box.querySelector("[role='alert']")];
    box.hidden = false;
    button.addEventListener("click", async () => {
      note.textContent = "";
      button.disabled = true;
      const answer = await unlockByPasskey(
        (path, fields) => send(box.dataset.session + path, tokenIn(waiting), fields), box.dataset.failedText);
      button.disabled = false;
      if (answer?.state === "open" || answer?.state === "over") goOn();
      else note.textContent = answer?.message ?? box.dataset.unreachable;
    });
    return;
  }

  const source = document.getElementById("lock-source");
  if (!source) return;
  const { limit: seconds, idle, session, title: lockedTitle, unreachable, empty, passkeyFailed } = source.dataset;
  const screen = source.content.querySelector("dialog");
  const form = screen.querySelector("#lock-form");
  const field = screen.querySelector("#lock-password");
  const error = screen.querySelector("#lock-password-error");
  const passkeys = screen.querySelector("#lock-passkey");
  const passkeyNote = passkeys.querySelector("[role='alert']");
  const noPasskey = screen.querySelector("#lock-passkey-note");
  const token = tokenIn(form);
  const limit = Number(seconds) * 1000;
  const pingEvery = Math.min(60_000, limit / 4);
  let mine = Date.now() - Number(idle) * 1000;
  let written = 0;
  let asked = Date.now();
  let dirty = false;
  let locked = false;
  let title = "";
  let away = null;

  const lastInput = () => Math.min(Date.now(), Math.max(mine, Number(read("input"))));
  const isOverdue = () => Date.now() - lastInput() >= limit;

  // Every answer states whether the person has a passkey, because they may have added one since this page was loaded.
  const offerPasskey = (there) => {
    passkeys.hidden = !there || !window.vigia.passkeys.supported();
    noPasskey.hidden = !there || window.vigia.passkeys.obstacle() !== "address";
  };

  async function ask(path, fields) {
    const answer = await send(session + path, token, fields);
    if (answer) {
      asked = Date.now();
      offerPasskey(answer.passkey);
    }

    return answer;
  }

  // The sign-in no longer exists on the server. A reload lets the server redirect.
  const leave = () => location.reload();

  // Elements that may stay in the document: they contain no data. Blazor finds the dialog and the error note by their
  // ids.
  const stays = (node) => node === screen || node.nodeType === Node.ELEMENT_NODE
    && node.matches("script, template, #components-reconnect-modal, #blazor-error-ui, #sign-out");

  // Removing the nodes loses the focus and the scroll positions of the page and its elements, so both are saved here.
  function takeAway(focused) {
    const page = document.createDocumentFragment();
    const scrolled = [...document.body.querySelectorAll("*")].filter((e) => e.scrollTop || e.scrollLeft)
      .map((e) => [e, e.scrollLeft, e.scrollTop]);
    const place = [scrollX, scrollY];
    page.append(...[...document.body.childNodes].filter((node) => !stays(node)));

    // Blazor reads the page when it starts. If it has not read this page yet, unlocking reloads the page.
    const isUnread = page.querySelector("#boot") !== null && page.querySelector("[data-ready]") === null;
    away = { page, scrolled, place, focused, isUnread };
  }

  function putBack() {
    const { page, scrolled, place, focused } = away;
    away = null;
    document.body.prepend(page);
    for (const [element, left, top] of scrolled) element.scrollTo(left, top);
    scrollTo(...place);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  function lock(tell) {
    if (tell) {
      // Until the server knows of the lock, all tabs ignore its answer that the sign-in is open.
      write("untold", 1);
      channel.postMessage("lock");
      tellServer();
    }

    if (locked) return;
    locked = true;
    const focused = document.activeElement === document.body ? null : document.activeElement;
    title = document.title;
    root.dataset.locked = "";
    document.title = lockedTitle;
    show("");
    field.value = "";
    document.body.append(screen);
    screen.showModal();
    field.focus();
    takeAway(focused);
  }

  function unlock() {
    if (!locked) return;
    if (away.isUnread) {
      location.reload();
      return;
    }

    locked = false;
    mine = Date.now();
    write("input", mine);
    delete root.dataset.locked;
    screen.close();
    screen.remove();
    field.value = "";
    document.title = title;
    putBack();
    document.dispatchEvent(new Event("vigia:unlocked"));
  }

  async function tellServer() {
    const answer = await ask("/bloquear", {});
    if (answer?.state === "over") leave();
    else if (answer) forget("untold");
    else setTimeout(() => { if (locked && read("untold")) tellServer(); }, 5000);
  }

  async function ping() {
    dirty = false;
    write("ping", Date.now());
    const answer = await ask("/actividad", {});
    if (answer?.state === "locked") lock(false);
    else if (answer?.state === "over") leave();
    else if (!answer) dirty = true;
  }

  async function verify() {
    if (read("untold")) {
      lock(true);
      return;
    }

    const answer = await ask("");
    if (answer?.state === "open" && !read("untold")) unlock();
    else if (answer?.state === "locked") lock(false);
    else if (answer?.state === "over") leave();
  }

  function tick() {
    if (locked) return;
    if (isOverdue()) lock(true);
    else if (dirty && Math.abs(Date.now() - Number(read("ping"))) >= pingEvery) ping();
  }

  function touched(e) {
    if (!e.isTrusted || locked) return;

    // After the computer has slept, the first input locks the page instead of counting as activity.
    if (isOverdue()) {
      lock(true);
      return;
    }

    mine = Date.now();
    dirty = true;
    if (Math.abs(mine - written) >= 1000) {
      written = mine;
      write("input", mine);
    }
  }

  function show(text) {
    passkeyNote.textContent = "";
    error.textContent = text;
    field.setAttribute("aria-invalid", String(text !== ""));
    if (text) field.setAttribute("aria-describedby", error.id);
    else field.removeAttribute("aria-describedby");
  }

  // Handles the server's answer to an unlock attempt.
  function follow(answer, refuse) {
    if (answer?.state === "open") {
      forget("untold");
      unlock();
      channel.postMessage("open");
    } else if (answer?.state === "over") {
      leave();
    } else {
      field.value = "";
      refuse(answer?.message ?? unreachable);
    }
  }

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const button = form.querySelector("[type='submit']");
    if (!field.value || button.disabled) {
      show(field.value ? "" : empty);
      field.focus();
      return;
    }

    button.disabled = true;
    const answer = await ask("/desbloquear", { password: field.value });
    button.disabled = false;
    follow(answer, (why) => {
      show(why);
      field.focus();
    });
  });

  passkeys.querySelector("button").addEventListener("click", async (e) => {
    const button = e.currentTarget;
    show("");
    button.disabled = true;
    const answer = await unlockByPasskey(ask, passkeyFailed);
    button.disabled = false;
    follow(answer, (why) => {
      passkeyNote.textContent = why;
      button.focus();
    });
  });

  // Browsers close a dialog on the second Esc even if the cancel event is prevented, so it is opened again.
  screen.addEventListener("cancel", (e) => e.preventDefault());
  screen.addEventListener("close", () => { if (locked) screen.showModal(); });
  document.addEventListener("keydown", (e) => {
    if (!locked) return;
    e.stopImmediatePropagation();
    if (e.key === "Escape") e.preventDefault();
  }, { capture: true });

  // The page may still be rendered while it is locked, and a new title would be readable.
  new MutationObserver(() => {
    if (!locked || document.title === lockedTitle) return;
    title = document.title;
    document.title = lockedTitle;
  }).observe(document.head, { childList: true, subtree: true, characterData: true });

  channel.onmessage = (e) => {
    if (e.data === "lock") {
      lock(false);
      ask("");
    }
    else if (e.data === "open" && locked) verify();
  };
  for (const input of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(input, touched, { passive: true, capture: true });
  }

  document.addEventListener("click", (e) => { if (e.target.closest?.("[data-lock-now]")) lock(true); });
  for (const back of ["visibilitychange", "focus", "pageshow"]) {
    addEventListener(back, () => {
      if (document.visibilityState !== "visible") return;
      tick();
      if (locked || Date.now() - asked > 60_000) verify();
    });
  }

  offerPasskey(source.dataset.passkey === "true");

  // The server already knows of the input up to this time.
  write("ping", Math.max(mine, Number(read("ping"))));
  setInterval(tick, 1000);
  if (read("untold") || isOverdue()) lock(true);
  else channel.postMessage("open");
})();
