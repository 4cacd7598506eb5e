"""The house's own icons: strokes of 1.5 on a field of 20 × 20, named by what they stand for."""

ICONS: dict[str, str] = {
    # rail
    "today": '<path d="M3.5 9.5 10 3.5l6.5 6M5.5 8v8.5h9V8"/><path d="M8.5 16.5v-4h3v4"/>',
    "dispatch": '<path d="M3 5h14M3 10h14M3 15h14"/><g fill="currentColor"><circle cx="7" cy="5" r="1.8"/>'
    '<circle cx="13" cy="10" r="1.8"/><circle cx="5.5" cy="15" r="1.8"/></g>',
    "target": '<circle cx="10" cy="10" r="6.5"/><circle cx="10" cy="10" r="2.5"/>'
    '<path d="M10 1.5V5M10 15v3.5M1.5 10H5M15 10h3.5"/>',
    "register": '<rect x="3.5" y="3.5" width="13" height="13" rx="1.5"/><path d="M3.5 8h13M8 8v8.5"/>',
    "report": '<path d="M4.5 3.5h8L16 7v9.5H4.5z"/><path d="M7.5 8h5M7.5 11h5M7.5 14h3"/>',
    "order": '<path d="M5 17.5V3h9.5l-2.2 3.7 2.2 3.8H5"/>',
    "screen": '<rect x="2.5" y="3.5" width="15" height="10" rx="1"/><path d="M7 17h6M10 13.5V17"/>',
    "entry": '<path d="M4 16.5l.8-3.6L13.5 4a1.6 1.6 0 0 1 2.4 2.3l-8.6 9z"/><path d="M12 5.5l2.5 2.4"/>',
    "rank": '<path d="M3 16.5v-5h4.5v5M7.5 16.5V5h5v11.5M12.5 16.5V9H17v7.5M2 16.5h16"/>',
    "project": '<path d="M3 6h5l1.5 2H17v8.5H3z"/><path d="M6.5 12.5h7"/>',
    "apply": '<path d="M5 3h7l3 3v11H5z"/><path d="M10 14.5v-5M7.7 11.5 10 9.2l2.3 2.3"/>',
    "enterprise": '<path d="M3.5 17V5.5L11 3v14M11 8l5.5 1.5V17M2.5 17h15"/><path d="M6 8h2M6 11h2M6 14h2"/>',
    "case": '<rect x="3" y="6.5" width="14" height="10" rx="1"/><path d="M7.5 6.5v-3h5v3M3 11h14"/>',
    "policy": '<path d="M10 5.5C8 4 5.5 4 3 4.5v11c2.5-.5 5-.5 7 1 2-1.5 4.5-1.5 7-1v-11c-2.5-.5-5-.5-7 1z"/>'
    '<path d="M10 5.5v11"/>',
    "task": '<rect x="3.5" y="3.5" width="13" height="13" rx="1.5"/><path d="m6.5 10 2.5 2.5 4.5-5"/>',
    "review": '<path d="m10 3 2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6z"/>',
    "recuse": '<circle cx="10" cy="10" r="6.5"/><path d="M5.5 14.5l9-9"/>',
    "service": '<path d="M10 17s-6-4.5-6-9a6 6 0 0 1 12 0c0 4.5-6 9-6 9z"/><circle cx="10" cy="8" r="2"/>',
    "agreement": '<path d="M5 3h10v14H5z"/><path d="M7.5 7h5M7.5 10h5M8 14c1-1.5 2 1 4-1"/>',
    "score": '<path d="M3 16.5h14M5 16.5v-4M9 16.5V8M13 16.5V4.5"/>',
    "organisation": '<rect x="7.5" y="2.5" width="5" height="4"/><rect x="2.5" y="13" width="5" height="4"/>'
    '<rect x="12.5" y="13" width="5" height="4"/><path d="M10 6.5v3.5M5 13v-3h10v3"/>',
    "people": '<circle cx="10" cy="7" r="3"/><path d="M4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5"/>',
    "package": '<path d="M10 2.5 16.5 6v8L10 17.5 3.5 14V6z"/><path d="M3.5 6 10 9.5 16.5 6M10 9.5v8"/>',
    "backup": '<ellipse cx="10" cy="5" rx="6" ry="2.2"/><path d="M4 5v10c0 1.2 2.7 2.2 6 2.2s6-1 6-2.2V5M4 10c0 '
    '1.2 2.7 2.2 6 2.2s6-1 6-2.2"/>',
    "permission": '<path d="M10 2.5 16 5v5c0 4-2.5 6.3-6 7.5-3.5-1.2-6-3.5-6-7.5V5z"/><path d="m7.5 10 1.8 1.8L13 8"/>',
    "key": '<circle cx="7" cy="12.5" r="3.5"/><path d="M9.5 10 16 3.5M13 6.5l2 2"/>',
    "session": '<circle cx="10" cy="10" r="6.5"/><path d="M10 6v4l3 2"/>',
    "mask": '<path d="M3 10c2-3.5 4.3-5 7-5s5 1.5 7 5c-2 3.5-4.3 5-7 5s-5-1.5-7-5z"/><path d="M4 16 16 4"/>',
    "log": '<path d="M6 4.5h11M6 10h11M6 15.5h11"/><path d="M3 4.5h.1M3 10h.1M3 15.5h.1"/>',
    "chain": '<path d="M8.5 11.5 11.5 8.5"/><path d="M9 6.5 11 4.5a3.2 3.2 0 0 1 4.5 4.5l-2 2"/>'
    '<path d="M11 13.5 9 15.5A3.2 3.2 0 0 1 4.5 11l2-2"/>',
    "more": '<g fill="currentColor" stroke="none"><circle cx="4.5" cy="10" r="1.6"/><circle cx="10" cy="10" r="1.6"/>'
    '<circle cx="15.5" cy="10" r="1.6"/></g>',
    "bell": '<path d="M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13z"/><path d="M8.5 17.5h3M10 4V2.5"/>',
    # acts
    "search": '<circle cx="9" cy="9" r="5"/><path d="m13 13 4 4"/>',
    "close": '<path d="m5 5 10 10M15 5 5 15"/>',
    "download": '<path d="M10 3v10M6 9.5l4 4 4-4M4 17h12"/>',
    "upload": '<path d="M10 14V4M6 7.5l4-4 4 4M4 17h12"/>',
    "print": '<path d="M6 7V3h8v4M6 14H3.5V7h13v7H14"/><rect x="6" y="11.5" width="8" height="5.5"/>',
    "import": '<path d="M3.5 11v5.5h13V11M10 3v9M6.5 8.7 10 12.2l3.5-3.5"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "copy": '<rect x="7" y="7" width="9.5" height="9.5" rx="1"/><path d="M13 7V3.5H3.5V13H7"/>',
    "image": '<rect x="3" y="4" width="14" height="12" rx="1"/><path d="m3.5 14 4-4 3 3 2.5-2.5 3.5 3.5"/>'
    '<circle cx="13" cy="7.5" r="1.2"/>',
    "table": '<rect x="3" y="4" width="14" height="12" rx="1"/><path d="M3 8h14M3 12h14M8.5 8v8"/>',
    "chart": '<path d="M3.5 3.5v13h13"/><path d="m6 13 3.5-4 2.5 2 4-5.5"/>',
    "map": '<path d="m3 5 4.7-1.5 4.6 1.5L17 3.5V15l-4.7 1.5L7.7 15 3 16.5z"/><path d="M7.7 3.5V15M12.3 5v11.5"/>',
    "back": '<path d="M12.5 4.5 7 10l5.5 5.5"/>',
    "next": '<path d="M7.5 4.5 13 10l-5.5 5.5"/>',
    "refresh": '<path d="M16 8A6.3 6.3 0 0 0 4.5 7M4 12a6.3 6.3 0 0 0 11.5 1"/><path d="M4.5 3.5V7H8M15.5 16.5V13H12"/>',
    "switch": '<path d="M4 7h11l-3-3M16 13H5l3 3"/>',
    "leave": '<path d="M11 3.5H4.5v13H11"/><path d="M8.5 10h8M13.5 7l3 3-3 3"/>',
    "larger": '<path d="M2.5 15.5 6.5 5l4 10.5M3.8 12h5.4"/><path d="M14.5 8v6M11.5 11h6"/>',
    "keyboard": '<rect x="2" y="5" width="16" height="10" rx="1.5"/><path d="M5 8h.1M8.3 8h.1M11.6 8h.1M15 8h.1M6 12h8"/>',
    "give": '<path d="M3.5 4h13v9H10l-4 3.5V13H3.5z"/><path d="M7 8.5h6"/>',
    "lock": '<rect x="4.5" y="9" width="11" height="7.5" rx="1"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>',
    "unlock": '<rect x="4.5" y="9" width="11" height="7.5" rx="1"/><path d="M7 9V6.5a3 3 0 0 1 5.8-1"/>',
    "calendar": '<rect x="3" y="4.5" width="14" height="12" rx="1"/><path d="M3 8.5h14M7 2.5v4M13 2.5v4"/>',
    "phone": '<path d="M5 3h2.5l1.2 3.5L7 8c1 2.2 2.7 4 5 5l1.5-1.7L17 12.5V15c0 1.1-.9 2-2 2C9 17 3 11 3 5c0-1.1.9-2 2-2z"/>',
    # marks
    "file": '<path d="M5 3h7l3 3v11H5z"/><path d="M12 3v3h3"/>',
    "sheet": '<path d="M5 3h7l3 3v11H5z"/><path d="M7.5 9h5v5h-5zM7.5 11.5h5M10 9v5"/>',
    "seal": '<circle cx="10" cy="10" r="6.5"/><path d="m10 6.5 1 2.3 2.5.2-1.9 1.6.6 2.4L10 11.7 7.8 13l.6-2.4L6.5 9l2.5-.2z"/>',
    "info": '<circle cx="10" cy="10" r="7"/><path d="M10 9.5v4M10 6.5v.1"/>',
    "warn": '<path d="M10 3 18 17H2z"/><path d="M10 8v4M10 14.3v.1"/>',
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "stop": '<circle cx="10" cy="10" r="7"/><path d="M10 6v5M10 13.7v.1"/>',
}

BRAND = (
    '<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
    '<rect x="1" y="1" width="30" height="30" rx="4" fill="#14252d" stroke="#6fc3c9" stroke-width="1.6"/>'
    '<path d="M9.5 6v20M9.5 16 23 7M9.5 16l14 9" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>'
    '<circle cx="9.5" cy="16" r="3.2" fill="#6fc3c9"/></svg>'
)
