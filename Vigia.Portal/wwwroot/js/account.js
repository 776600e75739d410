// What signing in needs from the browser: passkeys, the window of the identity provider, being asked again, copying
// codes that are shown once.
(function () {
  const token = () => document.querySelector("input[name='__RequestVerificationToken']")?.value ?? "";

  // An answer is an object; a refusal is one with an `error` in the person's language. Null: no answer that we
  // understand.
  async function post(url, body) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", RequestVerificationToken: token() },
        body: JSON.stringify(body ?? {}),
      });
      return await answer.json();
    } catch {
      return null;
    }
  }

  // What the device says; null when the person turned away, or the page has no address a passkey can belong to.
  async function ask(kind, options) {
    try {
      const publicKey = kind === "create"
        ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
        : PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return JSON.stringify((await navigator.credentials[kind]({ publicKey })).toJSON());
    } catch {
      return null;
    }
  }

  // Why this page can have no passkey; null when it can. A passkey belongs to a name: browsers refuse an IP address,
  // after having asked for everything.
  const obstacle = () => /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/.test(location.hostname) ? "address"
    : !window.isSecureContext ? "insecure"
    : typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON !== "function" ? "browser" : null;
  const supported = () => obstacle() === null;

  let added = null;

  async function store(name, proof) {
    const asked = await post("/cuenta/claves/opciones", { proof, name });
    if (!asked || asked.error) return asked;
    const credential = await ask("create", JSON.parse(asked.options));
    return credential && post("/cuenta/claves", { name, credential, confirmation: asked.confirmation });
  }

  window.vigia.passkeys = {
    obstacle,
    supported,

    // What the device answers to options that somebody else asked for, as text; null when it gave nothing.
    get: (options) => ask("get", options),

    // Each gives {} when it worked, { error } when it was refused, null when the device gave nothing.
    add: (name, proof) => (added = store(name, proof)),

    // What the last `add` gives: the circuit may have lost its connection meanwhile.
    added: () => added,

    async confirm(action, target) {
      const options = await post("/cuenta/confirmar/opciones");
      if (!options || options.error) return options;
      const credential = await ask("get", options);
      return credential && post("/cuenta/confirmar", { action, target, credential });
    },

    async signIn(returnUrl) {
      const options = await post("/cuenta/claves/entrar/opciones");
      if (!options || options.error) return options;
      const credential = await ask("get", options);
      return credential && post("/cuenta/claves/entrar", { credential, return_url: returnUrl });
    },
  };

  // To the identity provider in a window of its own. It opens with the click itself, else the browser takes it for one
  // that nobody asked for. The answer comes over a channel: our opener policy cuts the two windows off from each other
  // as soon as the provider's page is in one of them.
  let asked = null;

  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-oidc-confirm]");
    if (!button) return;
    asked?.end(null);
    const name = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const channel = new BroadcastChannel(`vigia:oidc:${name}`);
    asked = {};
    asked.answer = new Promise((resolve) => (asked.end = (answer) => { channel.close(); resolve(answer); }));
    channel.onmessage = (message) => asked.end(message.data);
    if (!open(`${button.dataset.oidcConfirm}&canal=${name}`, "_blank", "popup,width=540,height=720")) {
      asked.end({ error: button.dataset.blockedText });
    }
  });

  window.vigia.oidc = {
    // { confirmation } or { error }; null when it was asked for anew meanwhile.
    answer: () => asked?.answer ?? null,
  };

  const answer = document.querySelector("[data-oidc-answer]");
  if (answer?.dataset.oidcAnswer) {
    const channel = new BroadcastChannel(`vigia:oidc:${answer.dataset.oidcAnswer}`);
    channel.postMessage({ confirmation: answer.dataset.confirmation, error: answer.dataset.error });
    channel.close();
    close();
  }

  for (const box of document.querySelectorAll("[data-passkey-sign-in]")) box.hidden = !supported();
  for (const note of document.querySelectorAll("[data-passkey-note]")) note.hidden = obstacle() !== "address";

  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("[data-passkey-sign-in] button");
    if (!button) return;
    const box = button.closest("[data-passkey-sign-in]");
    const note = box.querySelector("[role='alert']");
    note.textContent = "";
    button.disabled = true;
    const answer = await window.vigia.passkeys.signIn(box.dataset.returnUrl);
    button.disabled = false;
    if (answer?.to) location.assign(answer.to);
    else note.textContent = answer?.error ?? box.dataset.failedText;
  });

  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("[data-copy-list]");
    if (!button) return;
    const codes = [...document.querySelectorAll(`#${button.dataset.copyList} code`)].map((code) => code.textContent);
    if (await window.vigia.copy(codes.join("\n"))) button.textContent = button.dataset.doneText;
  });
})();
