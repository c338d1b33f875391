// Keeps one page, the visit log, with what it is drawn with, so that it opens without a network. Nothing else is kept: no other
// page is within this worker's scope, and what was written stays in the page's own store. Signing out deletes it (kernel/app.js).
"use strict";
const KEPT = "dg-log";
const LONGEST = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const plain = (url) => { const found = new URL(url); return found.origin + found.pathname; };
const whole = (answer) => answer.ok && !answer.redirected && answer.type === "basic";
const fetched = (request) => fetch(request, { signal: AbortSignal.timeout(LONGEST) });

async function page(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetched(request);
    if (!whole(answer)) await cache.delete(plain(request.url)); // signed out, or no right to it any more
    else if (!new URL(request.url).search) await cache.put(plain(request.url), answer.clone());
    return answer;
  } catch {
    return (await cache.match(plain(request.url))) || Response.error();
  }
}

async function file(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetched(request);
    if (whole(answer)) await cache.put(plain(request.url), answer.clone());
    return answer;
  } catch {
    return (await cache.match(plain(request.url))) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === new URL(self.registration.scope).pathname) event.respondWith(page(request));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});

// On its first visit the page was drawn before this worker ran: it says what to keep.
self.addEventListener("message", (event) => event.waitUntil((async () => {
  const cache = await caches.open(KEPT);
  const wanted = [event.data.page, ...event.data.files.filter((each) => new URL(each).origin === self.location.origin)];
  for (const each of wanted) {
    const answer = await fetch(each, { cache: "no-store" });
    if (whole(answer)) await cache.put(plain(new URL(each, self.location.href).href), answer);
  }
  event.source.postMessage("kept");
})()));
