namespace Apprentice.Code;

/// <summary>The places of one function where a fault can be made, by operator.</summary>
internal sealed partial class MutationSites
{
    private static readonly int s_comparison = Mutator.IndexOf(MutationOperators.Comparison);
    private static readonly int s_arithmetic = Mutator.IndexOf(MutationOperators.Arithmetic);
    private static readonly int s_boolean = Mutator.IndexOf(MutationOperators.Boolean);
    private static readonly int s_negatedCondition = Mutator.IndexOf(MutationOperators.NegatedCondition);
    private static readonly int s_droppedNegation = Mutator.IndexOf(MutationOperators.DroppedNegation);
    private static readonly int s_droppedOperand = Mutator.IndexOf(MutationOperators.DroppedOperand);
    private static readonly int s_offByOne = Mutator.IndexOf(MutationOperators.OffByOne);
    private static readonly int s_wrongConstant = Mutator.IndexOf(MutationOperators.WrongConstant);
    private static readonly int s_wrongVariable = Mutator.IndexOf(MutationOperators.WrongVariable);
    private static readonly int s_swappedArguments = Mutator.IndexOf(MutationOperators.SwappedArguments);
    private static readonly int s_wrongMember = Mutator.IndexOf(MutationOperators.WrongMember);
    private static readonly int s_counterpart = Mutator.IndexOf(MutationOperators.Counterpart);
    private static readonly int s_droppedStatement = Mutator.IndexOf(MutationOperators.DroppedStatement);
    private static readonly int s_droppedCheck = Mutator.IndexOf(MutationOperators.DroppedCheck);
    private static readonly int s_loopExit = Mutator.IndexOf(MutationOperators.LoopExit);
    private static readonly int s_wrongReturn = Mutator.IndexOf(MutationOperators.WrongReturn);
    private static readonly int s_earlyReturn = Mutator.IndexOf(MutationOperators.EarlyReturn);
    private static readonly int s_swappedStatements = Mutator.IndexOf(MutationOperators.SwappedStatements);
    private static readonly int s_assignment = Mutator.IndexOf(MutationOperators.Assignment);
    private static readonly int s_droppedElse = Mutator.IndexOf(MutationOperators.DroppedElse);
    private static readonly int s_droppedAwait = Mutator.IndexOf(MutationOperators.DroppedAwait);

    private readonly Language _language;
    private readonly string _code;
    private readonly BraceStructure _text;
    private readonly LocalNames _locals;
    private readonly List<Site>[] _sites = new List<Site>[MutationOperators.All.Count];
    private readonly List<string> _calledMembers = [];
    private readonly List<string> _fields = [];
    private readonly bool[] _generic;
    private int _bodyStart;

    private MutationSites(Language language, string code)
    {
        _language = language;
        _code = code;
        _text = BraceStructure.Read(language, code);
        _locals = LocalNames.Of(language, _text);
        _generic = new bool[_text.Count];
    }

    private enum Form
    {
        /// <summary>The range becomes a fixed text.</summary>
        Text,

        /// <summary>The range becomes another name of a list.</summary>
        Name,

        /// <summary>What is before the first middle and what is behind the second change places.</summary>
        Swap,
    }

    public static MutationSites Collect(Language language, string code)
    {
        MutationSites sites = new(language, code);
        sites.FindBody();
        sites.MarkGenerics();
        sites.CollectExpressions();
        if (language == Language.Python)
        {
            sites.CollectPythonStatements();
        }
        else
        {
            sites.CollectBraceStatements();
        }

        return sites;
    }

    public int Count(int kind) => _sites[kind]?.Count ?? 0;

    /// <summary>The text with one edit, or null when it has no alternative there.</summary>
    public string? Apply(int kind, int index, Func<int, int> next)
    {
        Site site = _sites[kind][index];
        ReadOnlySpan<char> code = _code;
        switch (site.Form)
        {
            case Form.Name:
                List<string> names = site.Names!;
                ReadOnlySpan<char> own = code[site.Start..site.End];
                int at = next(names.Count);
                for (int i = 0; i < names.Count; i++)
                {
                    string name = names[(at + i) % names.Count];
                    if (!own.SequenceEqual(name))
                    {
                        return string.Concat(code[..site.Start], name, code[site.End..]);
                    }
                }

                return null;
            case Form.Swap:
                return string.Concat(
                    string.Concat(code[..site.Start], code[site.SecondMiddle..site.End], code[site.FirstMiddle..site.SecondMiddle]),
                    code[site.Start..site.FirstMiddle],
                    code[site.End..]);
            default:
                return string.Concat(code[..site.Start], site.Replacement, code[site.End..]);
        }
    }

    private List<Site> ListOf(int kind) => _sites[kind] ??= [];

    private void Add(int kind, int start, int end, string replacement) => ListOf(kind).Add(new Site(Form.Text, start, end, replacement, null, 0, 0));

    private void Replace(int kind, int token, string replacement) => Add(kind, _text.Tokens[token].Start, _text.Tokens[token].End, replacement);

    private void AddName(int kind, int token, List<string> names) =>
        ListOf(kind).Add(new Site(Form.Name, _text.Tokens[token].Start, _text.Tokens[token].End, null, names, 0, 0));

    private void AddSwap(int kind, int start, int firstMiddle, int secondMiddle, int end) =>
        ListOf(kind).Add(new Site(Form.Swap, start, end, null, null, firstMiddle, secondMiddle));

    /// <summary>The first token behind the head of the function, so that its signature stays as it is.</summary>
    private void FindBody()
    {
        if (_language == Language.Python)
        {
            int depth = 0;
            for (int i = 0; i < _text.Count; i++)
            {
                depth += _text.Is(i, '(') || _text.Is(i, '[') || _text.Is(i, '{') ? 1 : _text.Is(i, ')') || _text.Is(i, ']') || _text.Is(i, '}') ? -1 : 0;
                if (depth == 0 && _text.Is(i, ':'))
                {
                    _bodyStart = i + 1;
                    return;
                }

                if (i == 0 && !_text.Is(i, "def") && !_text.Is(i, "async") && !_text.Is(i, "class") && !_text.Is(i, "@"))
                {
                    // Statements without a function around them.
                    return;
                }
            }

            _bodyStart = _text.Count;
            return;
        }

        for (int i = 0; i < _text.Count; i++)
        {
            if (_text.Is(i, '{') || _text.Is(i, "=>"))
            {
                _bodyStart = i + 1;
                return;
            }

            if (_text.Is(i, '('))
            {
                i = Math.Max(i, _text.Close(i));
            }
        }
    }

    /// <summary>Marks angle brackets around type arguments, which are no comparisons.</summary>
    private void MarkGenerics()
    {
        if (_language is Language.Python or Language.C or Language.Go)
        {
            return;
        }

        for (int i = 1; i < _text.Count; i++)
        {
            if (_generic[i] || !_text.Is(i, "<") || !(_text.IsWord(i - 1) || _text.Is(i - 1, '.') || _text.Is(i - 1, "::")))
            {
                continue;
            }

            int depth = 0;
            for (int k = i; k < _text.Count && k < i + 60; k++)
            {
                if (_text.IsKind(k, CodeTokenKind.Operator))
                {
                    ReadOnlySpan<char> text = _text.Text(k);
                    if (text is "<")
                    {
                        depth++;
                    }
                    else if (text is ">" or ">>" or ">>>")
                    {
                        depth -= text.Length;
                        if (depth <= 0)
                        {
                            for (int m = i; m <= k; m++)
                            {
                                _generic[m] = true;
                            }

                            break;
                        }
                    }
                    else if (text is not ("?" or "*" or "&" or "::" or "..." or "@" or "|"))
                    {
                        break;
                    }
                }
                else if (_text.IsKind(k, CodeTokenKind.Punctuation))
                {
                    if (!_text.Is(k, ',') && !_text.Is(k, '.') && !_text.Is(k, '[') && !_text.Is(k, ']') && !(_text.Is(k, ')') && TupleWithin(i, k))
                        && !(_text.Is(k, '(') && _language == Language.CSharp))
                    {
                        break;
                    }
                }
                else if (_text.IsKind(k, CodeTokenKind.String))
                {
                    break;
                }
            }
        }
    }

    private bool TupleWithin(int open, int close) => _language == Language.CSharp && _text.Match[close] > open;

    private readonly record struct Site(Form Form, int Start, int End, string? Replacement, List<string>? Names, int FirstMiddle, int SecondMiddle);
}
