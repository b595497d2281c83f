r"""MathJax's errors by its own ids: what is wrong, and what to write, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

UNKNOWN = "Anki's MathJax does not know it: write it out, or define it in [macros] of deck.toml"
NO_ENVIRONMENT = "write aligned, cases, array or a matrix, such as pmatrix"
_DEFINE = "define macros in [macros] of deck.toml, not in a formula"
_LEAVE_OUT = "leave it out: a card does not need it"

_BRACE = ("a { is never closed", r"add its }, or write \{ to show it")
_LOOP = (
    "a macro calls itself, or grows without end",
    "write the formula out, or define the macro without itself",
)

ERRORS: Mapping[str, tuple[str, str, str]] = {
    # Braces and arguments
    "ExtraCloseMissingOpen": (
        "Extra close brace or missing open brace",
        "a } closes nothing, or what is not complete",
        r"take it out, or write \} to show it; or add what lacks before it: an argument, a \right",
    ),
    "ExtraOpenMissingClose": ("Extra open brace or missing close brace", *_BRACE),
    "MissingCloseBrace": ("Missing close brace", *_BRACE),
    "MissingCloseBracket": (
        "Could not find closing ']' for argument to %1",
        "the [ after %1 is never closed",
        "add its ], or write {[} to show it",
    ),
    "ExtraCloseLooking": (
        "Extra close brace while looking for %1",
        "a } comes before the %1 that should close first",
        "add %1 before it, or take the } out",
    ),
    "MissingArgFor": ("Missing argument for %1", "%1 has too few arguments", "write %1{…}"),
    "MissingBoxFor": (
        "Missing box for %1",
        "%1 has nothing to move",
        "write after the length what it moves, as %1 2pt {…}",
    ),
    "TokenNotFoundForCommand": (
        "Could not find %1 for %2",
        "a %1 is missing",
        r"add it, or write another command: \sqrt[n]{…} for \root, \overset{…}{…} for \buildrel",
    ),
    "MissingDimOrUnits": (
        "Missing dimension or its units for %1",
        "%1 needs a length with its unit",
        "write one in braces, as %1{1em}",
    ),
    "BracketMustBeDimension": (
        "Bracket argument to %1 must be a dimension",
        "the [ after %1 starts no length",
        "write %1 {[} to show it, or a length, as %1[1em]",
    ),
    "IntegerArg": (
        "The argument to %1 must be an integer",
        "%1 needs a whole number",
        "write one, as %1{2}",
    ),
    "PositiveIntegerArg": (
        "Argument to %1 must me a positive integer",
        "%1 needs the number of its pairs of columns",
        "write it, as %1{2}",
    ),
    "NotANumber": ("Argument to %1 is not a number", "%1 needs a number", "write one, as %1{0.5}"),
    "NoClosingDelim": (
        "Can't find closing delimiter for %1",
        "%1 never ends",
        "end it with the character that starts it, as %1|…|",
    ),
    "MathNotTerminated": (
        "Math not terminated in text box",
        r"a $ in a \text{…} is never closed",
        r"close it with another $, or write \$ for the sign",
    ),
    # Superscripts and subscripts
    "MissingScript": (
        "Missing superscript or subscript argument",
        "nothing stands after ^ or _",
        "write it in braces, as x^{…} or x_{…}",
    ),
    "MissingOpenForSup": (
        "Missing open brace for superscript",
        "a ^ or _ comes right after a ^",
        "use braces: x^{…}_{…}",
    ),
    "MissingOpenForSub": (
        "Missing open brace for subscript",
        "a ^ or _ comes right after a _",
        "use braces: x_{…}^{…}",
    ),
    "DoubleExponent": (
        "Double exponent: use braces to clarify",
        "two superscripts stand on one thing",
        "use braces: x^{a^b} or {x^a}^b",
    ),
    "DoubleExponentPrime": (
        "Prime causes double exponent: use braces to clarify",
        "a prime stands after a superscript",
        "write it first, as f'^{2}, or use braces: {f^2}'",
    ),
    "DoubleSubscripts": (
        "Double subscripts: use braces to clarify",
        "two subscripts stand on one thing",
        "use braces: x_{a_b} or {x_a}_b",
    ),
    "MisplacedLimits": (
        "%1 is allowed only on operators",
        "%1 follows what is no operator",
        r"write it right after \sum, \int, \lim or \operatorname{…}, or take it out",
    ),
    # Delimiters
    "ExtraLeftMissingRight": (
        r"Extra \left or missing \right",
        r"a \left has no \right",
        r"close it with \right), or \right. for nothing",
    ),
    "MissingLeftExtraRight": (
        r"Missing \left or extra \right",
        r"a \right has no \left in its braces or cell",
        r"open it there with \left(, or \left. for nothing",
    ),
    "ExtraMiddle": (
        r"Extra \middle",
        r"\middle stands outside of \left … \right",
        r"put it between them, or write \mid",
    ),
    "ExtraOrMissingDelims": (
        "Extra open or missing close delimiter",
        "a bracket is not closed here, or closes what was not opened",
        r"write both, or set it by hand, as \left\{ x \mid y \right\}",
    ),
    "MissingOrUnrecognizedDelim": (
        "Missing or unrecognized delimiter for %1",
        "%1 has no delimiter after it",
        r"write one without braces, as %1) or %1\}, or %1. for nothing",
    ),
    "AmbiguousUseOf": (
        "Ambiguous use of %1",
        "%1 stands twice in one pair of braces",
        r"write \frac{…}{…} or \binom{…}{…}, or give each its own: {a %1 b}",
    ),
    # Environments
    "UnknownEnv": (
        "Unknown environment '%1'",
        "Anki's MathJax knows no environment %1",
        NO_ENVIRONMENT,
    ),
    "InvalidEnv": (
        "Invalid environment name '%1'",
        "%1 is no name of an environment",
        r"write one, as \begin{aligned}",
    ),
    "EnvBadEnd": (
        r"\begin{%1} ended with \end{%2}",
        r"\begin{%1} is closed by \end{%2}",
        r"write \end{%1}",
    ),
    "EnvMissingEnd": (
        r"Missing \end{%1}",
        r"\begin{%1} never ends",
        r"write \end{%1} after its last line",
    ),
    "MissingBeginExtraEnd": (
        r"Missing \begin{%1} or extra \end{%1}",
        r"\end{%1} ends what never began",
        r"take it out, or write \begin{%1} before",
    ),
    "ErroneousNestingEq": (
        "Erroneous nesting of equation structures",
        "two environments that number equations stand in each other",
        "write aligned, gathered or multlined for the inner one",
    ),
    "Misplaced": (
        "Misplaced %1",
        "%1 stands where there are no rows and columns",
        r"put it into an environment, as \begin{array}{cc} … \end{array}",
    ),
    "XalignOverflow": (
        "Extra %1 in row of %2",
        "a row of %2 has too many %1",
        r"raise the number after \begin{%2}, or take the %1 out",
    ),
    "MultlineRowsOneCol": (
        "The rows within the %1 environment must have exactly one column",
        "%1 has no columns",
        "take the & out, or write aligned",
    ),
    "ExtraAlignTab": (
        r"Extra alignment tab in \cases text",
        "a row of cases has more than one &",
        r"take the second out, or write \& for the sign",
    ),
    "ExtraCasesAlignTab": (
        "Extra alignment tab in text for numcase environment",
        "a row of cases has more than one &",
        r"take the second out, or write \& for the sign",
    ),
    "CommandOnlyAllowedInEnv": (
        "%1 only allowed in %2 environment",
        "%1 belongs into %2",
        "move it there, or take it out",
    ),
    "CommandNotAllowedInEnv": (
        "%1 not allowed in %2 environment",
        "%1 cannot stand in %2",
        r"put it after \end{%2}, or take it out",
    ),
    "CommandInMultlined": (
        "%1 can only appear within the multline or multlined environments",
        "%1 belongs into multline",
        "move it there, or take it out",
    ),
    "CommandAtTheBeginingOfLine": (
        "%1 must come at the beginning of the line",
        "%1 stands in the middle of a line",
        r"put it right after the \\ before",
    ),
    "NotInAlignment": (
        "%1 can only be used in aligment environments",
        "%1 stands outside of aligned columns",
        r"put it into \begin{aligned} … \end{aligned}",
    ),
    "BetweenLines": (
        "%1 must be on a row by itself",
        "%1 shares its row",
        r"write \\ before and after it",
    ),
    "MultipleCommand": ("Multiple %1", "%1 stands twice in one line", "keep one of the two"),
    "MultipleLabel": (
        "Label '%1' multiply defined",
        "the label %1 stands twice",
        r"take \label out: Anki shows the formula twice, on the answer again",
    ),
    "UnsupportedHFill": (
        "Unsupported use of %1",
        "%1 stands outside of a cell",
        r"write \quad, or take it out",
    ),
    # Signs and macros
    "CantUseHash1": (
        "You can't use 'macro parameter character #' in math mode",
        "a bare # means nothing in a formula",
        r"write \#",
    ),
    "CantUseHash2": ("Illegal use of # in template for %1", "%1 has a # without number", _DEFINE),
    "IllegalMacroParam": (
        "Illegal macro parameter reference",
        "a macro uses an argument that it does not take",
        _DEFINE,
    ),
    "IllegalParamNumber": (
        "Illegal number of parameters specified in %1",
        "%1 names no number of arguments",
        _DEFINE,
    ),
    "IllegalControlSequenceName": (
        "Illegal control sequence name for %1",
        "%1 defines what cannot be a name",
        _DEFINE,
    ),
    "MissingCS": ("%1 must be followed by a control sequence", "%1 defines no name", _DEFINE),
    "MissingReplacementString": (
        "Missing replacement string for definition of %1",
        "%1 does not say what the name stands for",
        _DEFINE,
    ),
    "SequentialParam": (
        "Parameters for %1 must be numbered sequentially",
        "the arguments of %1 are not #1, #2 and so on",
        _DEFINE,
    ),
    "MismatchUseDef": (
        "Use of %1 doesn't match its definition",
        "%1 is not used as it is defined",
        _DEFINE,
    ),
    "RunawayArgument": ("Runaway argument for %1?", "an argument of %1 never ends", _DEFINE),
    "NewextarrowArg1": (
        "First argument to %1 must be a control sequence name",
        "%1 defines no name",
        _DEFINE,
    ),
    "NewextarrowArg2": (
        "Second argument to %1 must be two integers separated by a comma",
        "%1 needs two whole numbers",
        _DEFINE,
    ),
    "NewextarrowArg3": (
        "Third argument to %1 must be a unicode character number",
        "%1 needs the number of a character",
        _DEFINE,
    ),
    "UndefinedControlSequence": ("Undefined control sequence %1", "undefined command %1", UNKNOWN),
    "MaxMacroSub1": (
        "MathJax maximum macro substitution count exceeded; is here a recursive macro call?",
        *_LOOP,
    ),
    "MaxMacroSub2": (
        "MathJax maximum substitution count exceeded; is there a recursive latex environment?",
        *_LOOP,
    ),
    "MaxBufferSize": (
        "MathJax internal buffer size exceeded; is there a recursive macro call?",
        *_LOOP,
    ),
    # Looks
    "UndefinedColorModel": (
        "Color model '%1' not defined",
        "Anki's MathJax knows no colour model %1",
        r"write the colour without it, as \color{#c00000} or \color{red}",
    ),
    "ModelArg1": (
        "Color values for the %1 model require 3 numbers",
        "a colour in %1 has three numbers",
        "write them with commas, as {1, 0.5, 0} in rgb",
    ),
    "ModelArg2": (
        "Color values for the %1 model must be between %2 and %3",
        "a number of this colour is too big for %1",
        "write numbers from %2 to %3",
    ),
    "InvalidDecimalNumber": (
        "Invalid decimal number",
        "a number of this colour is none",
        "write numbers from 0 to 1, as 0.5",
    ),
    "InvalidNumber": (
        "Invalid number",
        "a number of this colour is none",
        "write whole numbers from 0 to 255",
    ),
    "UnsupportedTableColor": (
        "Unsupported use of %1",
        "%1 stands outside of a table",
        r"put it into an array, or write \colorbox{…}{…}",
    ),
    "RowColorNotFirst": (
        "%1 must be at the beginning of a row",
        "%1 stands inside of a row",
        r"put it right after the \\ before",
    ),
    "ColumnColorNotTop": (
        "%1 must be in the top row",
        "%1 stands below the first row",
        "put it into the first row",
    ),
    "BadMathStyleFor": (
        "Bad math style for %1",
        "the style of %1 is no number from 0 to 3",
        "write one, as %1{(}{)}{0pt}{1}{…}{…}",
    ),
    "IllegalAlign": (
        "Illegal alignment specified in %1",
        "what stands in the [ ] of %1 is no side",
        "write l, c or r, as %1[l]{…}{…}",
    ),
    "MisplacedMoveRoot": (
        "%1 can appear only within a root",
        "%1 stands outside of a root",
        r"put it into the index, as \sqrt[%1{2} 3]{…}",
    ),
    "MultipleMoveRoot": ("Multiple use of %1", "%1 stands twice in a root", "keep one of the two"),
    "InvalidBBoxProperty": (
        '"%1" doesn\'t look like a color, a padding dimension, or a style',
        r"\bbox knows no %1",
        r"write \boxed{…} or \colorbox{…}{…}",
    ),
    "MultipleBBoxProperty": (
        "%1 specified twice in %2",
        "%2 names two of a kind: %1",
        r"write \boxed{…} or \colorbox{…}{…}",
    ),
    "BadUnicode": (
        r"Argument to \unicode must be a number",
        r"\unicode needs the number of a character",
        "write the character itself",
    ),
    "NotMathMLToken": ("%1 is not a token element", "%1 is no element of MathML", _LEAVE_OUT),
    "InvalidMathMLAttr": (
        "Invalid MathML attribute: %1",
        "%1 is no attribute of MathML",
        _LEAVE_OUT,
    ),
    "UnknownAttrForElement": (
        "%1 is not a recognized attribute for %2",
        "%2 has no attribute %1",
        _LEAVE_OUT,
    ),
    # Proof trees, chemistry
    "BadProofTree": (
        "Proof tree badly specified.",
        "a step of this proof tree has too few premises",
        r"write an \AxiomC{…} for each before it",
    ),
    "IllegalProofCommand": (
        "Proof commands only allowed in prooftree environment.",
        "a step of a proof stands outside of a proof tree",
        r"put it into \begin{prooftree} … \end{prooftree}",
    ),
    "IllegalUseOfCommand": (
        "",
        "a step of this proof tree is not written as it has to be",
        r"write \AxiomC{…} and \UnaryInfC{…}, or \Axiom$… \fCenter …$",
    ),
    "Mhchem": (
        "",
        r"MathJax cannot read this \ce or \pu",
        r"write it as mhchem does, such as \ce{2H2 + O2 -> 2H2O}, \bond{=} or \pu{1.2 mol//L}",
    ),
    # Packages and settings
    "Retry": ("", "this formula loads an extension, which Anki does not have", "leave that out"),
    "BadRequire": (
        'Extension "%1" is not allowed to be loaded',
        "a card cannot load the package %1",
        r"take \require out",
    ),
    "BadPackageName": (
        "Argument for %1 is not a valid package name",
        "a card cannot load packages",
        "take %1 out",
    ),
    "ForbiddenMathtoolsSet": ("%1 is disabled", "Anki's MathJax has no setting %1", _LEAVE_OUT),
    "InvalidOption": ("Invalid option: %1", "Anki's MathJax has no setting %1", _LEAVE_OUT),
    "DuplicateTagForm": ("Duplicate tag form: %1", "the tag form %1 stands twice", _LEAVE_OUT),
    "UndefinedTagForm": ("Undefined tag form: %1", "there is no tag form %1", _LEAVE_OUT),
    "InvalidTagFormID": ("Tag form name can't be empty", "a tag form has no name", _LEAVE_OUT),
    "InvalidTagFormDef": (
        'The tag form definition for "%1" should be an array fo three strings',
        "the tag form %1 is not complete",
        _LEAVE_OUT,
    ),
    "TagsNotMT": (
        "%1 can only be used with ams or mathtools tags",
        "%1 does nothing in Anki",
        _LEAVE_OUT,
    ),
    "Internal": (
        "",
        "MathJax itself fails on this formula",
        r"write it in another way; \prescript, for one, never works",
    ),
}
"""By MathJax's id of an error: its message, what is wrong, and what to do.

``%1`` and ``%2`` are what MathJax names in its message; an empty message stands for any.
"""

MISPLACED = {
    "&": (
        "& stands where there are no columns",
        r"put it into an aligned block, outside of \left … \right, or write \& for the sign",
    ),
    **{
        line: (
            f"{line} does not stand at the start of a row",
            r"put it right after \begin{array}{…} or \\",
        )
        for line in (r"\hline", r"\hdashline")
    },
}
ARGUMENTS = {
    **dict.fromkeys(
        r"\frac \dfrac \tfrac \cfrac \binom \dbinom \tbinom \overset \underset \stackrel \textcolor"
        r" \colorbox \href \cancelto \enclose \splitfrac \splitdfrac \ketbra \Ketbra".split(),
        "{…}{…}",
    ),
    **dict.fromkeys(r"\fcolorbox \sideset \prescript \overunderset".split(), "{…}{…}{…}"),
    **{
        f"\\begin{{{name}}}": "{2}"
        for name in ("alignat", "alignat*", "alignedat", "xalignat", "xalignat*", "xxalignat")
    },
    r"\mathchoice": "{…}{…}{…}{…}",
    r"\genfrac": "{(}{)}{0pt}{1}{…}{…}",
    r"\toggle": r"{…}{…}\endtoggle",
    r"\color": "{red}",
    r"\verb": "|…|",
    r"\begin": r"{aligned} … \end{aligned}",
    r"\end": "{aligned}",
    r"\begin{array}": "{cc}",
    r"\begin{subarray}": "{c}",
}
"""What stands after a name that lacks an argument, where that is not one in braces."""
