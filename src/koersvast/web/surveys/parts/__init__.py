"""From what the queries return to the values of the page components, with preformatted text."""
