"""What went wrong while figures were fetched: per code what it is and what to do about it (codes N)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Lazy = str | Promise

_SETTING = _("Ask your system administrator to correct the address of the source.")
_LATER = _("Nothing was taken over; the last good figures stay. Try again later.")
_TELL = _("Nothing was taken over; the last good figures stay. If this happens again, tell your system administrator.")
_NETWORK = _(
    "Nothing was taken over. Check whether this computer has an internet connection and may reach {host}; "
    "then try again."
)
_WARN = _("Nothing was fetched. Tell your system administrator: somebody may be leading the connection astray.")
_AGAIN = _("Nothing was taken over; the last good figures stay. Fetch the table again.")
_FEWER = _("Choose fewer areas, kinds or years and fetch again.")
_BY_ITSELF = _("You need not do anything: the figures are asked for again later.")

FETCH_WORDS: Mapping[str, Lazy] = {
    "address_too_long": _("it is too long"),
    "odd_characters": _("it holds signs that do not belong in an address"),
    "no_address": _("it is not an address"),
    "odd_port": _("its port is not a number"),
    "no_features": _("it holds no areas"),
}

FETCH_SENTENCES: Mapping[str, tuple[Lazy, Lazy]] = {
    "N01": (_("The address of the source cannot be read: {reason}."), _SETTING),
    "N02": (_("The address of the source begins with {scheme}; only https is allowed."), _SETTING),
    "N03": (_("The address of the source holds a user name or password. Such an address is never fetched."), _SETTING),
    "N04": (_("The address of {host} names port {port}; only the ordinary port of https is allowed."), _SETTING),
    "N05": (_("{host} is not on the list of sources from which this program may fetch."), _SETTING),
    "N06": (_("The name of the source, “{host}”, is written in a strange way."), _SETTING),
    "N07": (_("The source {host} cannot be found on the internet."), _NETWORK),
    "N08": (_("{host} leads to an address that is not on the public internet ({address})."), _WARN),
    "N09": (_("{host} refers on more than {limit} times."), _TELL),
    "N10": (_("{host} refers on without naming an address."), _LATER),
    "N20": (_("No connection could be made with {host}."), _NETWORK),
    "N21": (_("{host} broke the connection off."), _LATER),
    "N22": (_("The certificate of {host} cannot be trusted ({reason})."), _WARN),
    "N23": (_("{host} did not answer in full within {limit} seconds."), _LATER),
    "N24": (_("The answer of {host} stops halfway."), _LATER),
    "N25": (_("What {host} sends is not the answer of a web service."), _TELL),
    "N26": (_("{host} failed several times in a row and is left alone for {seconds} seconds more."), _LATER),
    "N27": (
        _("The proxy of your organisation does not let {host} through."),
        _("Ask your system administrator to allow {host} in the proxy."),
    ),
    "N30": (_("{host} refuses the question (status {status})."), _TELL),
    "N31": (
        _("What was asked for is not at {host} (status {status})."),
        _("Nothing was taken over. The table may have been renamed or discontinued: tell your system administrator."),
    ),
    "N32": (_("{host} has a fault itself (status {status})."), _LATER),
    "N33": (_("{host} asks to wait {seconds} seconds before the next question."), _BY_ITSELF),
    "N34": (_("The question to {host} gives more than 10,000 lines. The source refuses that."), _FEWER),
    "N35": (_("The answer of {host} is larger than {limit}."), _TELL),
    "N36": (_("Unpacked the answer of {host} is larger than {limit}."), _TELL),
    "N37": (_("The answer of {host} is packed in an unknown way ({packing})."), _TELL),
    "N38": (_("The packed answer of {host} is damaged."), _LATER),
    "N39": (
        _("{host} sent a web page instead of figures."),
        _(
            "Nothing was taken over; the last good figures stay. There may be maintenance, "
            "or a sign-in page of your own network in between. Try again later."
        ),
    ),
    "N40": (_("{host} sent something of another kind than figures: “{kind}”."), _TELL),
    "N41": (_("{host} sent its answer in a character set that was not agreed: “{charset}”."), _TELL),
    "N42": (_("The answer of {host} is empty."), _LATER),
    "N50": (_("Table {table} was changed at the source while it was fetched (first {before}, then {after})."), _AGAIN),
    "N51": (_("The source gave the same page of table {table} twice."), _AGAIN),
    "N52": (_("The pages of table {table} refer to one another in a circle."), _TELL),
    "N53": (_("For table {table} the source announced {announced} lines and gave {found}."), _AGAIN),
    "N54": (
        _("A part of table {table} has {limit} lines, the most that the source gives. Lines may be missing."),
        _FEWER,
    ),
    "N55": (_("A page of table {table} cannot be read: {reason}."), _TELL),
    "N56": (_("The source gave no line at all for table {table}."), _TELL),
    "N57": (_("Table {table} has more than {limit} pages."), _FEWER),
    "N58": (_("A page of table {table} refers to a next page elsewhere. That was not fetched."), _TELL),
    "N59": (
        _("What was kept of a fetched table is damaged or incomplete on disk ({capture})."),
        _("Put the back-up back, or fetch the table again."),
    ),
    "N60": (_("This table is being fetched already ({journal})."), _("Wait until that has finished.")),
}
