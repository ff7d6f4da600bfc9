// Sphinx marks the captions of the navigation as headings and leaves out their level, which a screen reader needs.

for (const caption of document.querySelectorAll('.caption[role="heading"]:not([aria-level])')) {
  caption.setAttribute("aria-level", "2");
}
