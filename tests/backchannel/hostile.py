"""What somebody may write to make a page do his will."""

HOSTILE = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "' onmouseover='window.pwned=1",
    "</blockquote></td></table><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "{{ 7*7 }}{% raw %}{{ config }}",
    "javascript:window.pwned=1",
    "</title><script>window.pwned=1</script><!--",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "\u202egnp.exe\u2066 <b onclick=window.pwned=1>x</b>",
)
