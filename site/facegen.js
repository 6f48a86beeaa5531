// From a disk, browsers read no other page, so search shows titles without summaries there.
if (location.protocol === 'file:') DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
