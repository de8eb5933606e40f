using System.Collections.Frozen;

namespace Apprentice.Code;

/// <summary>What differs between the languages for <see cref="Lexer"/>: reserved words and operators.</summary>
internal sealed class LexicalRules
{
    private static readonly LexicalRules[] s_all = [.. Enum.GetValues<Language>().Select(language => new LexicalRules(language))];

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _keywords;

    /// <summary>Operators of two and more characters by their first character, longest first.</summary>
    private readonly string[]?[] _operators = new string[]?[128];

    private LexicalRules(Language language)
    {
        Keywords = KeywordsOf(language).Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
        _keywords = Keywords.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (IGrouping<char, string> group in OperatorsOf(language).Split(' ', StringSplitOptions.RemoveEmptyEntries).GroupBy(text => text[0]))
        {
            _operators[group.Key] = [.. group.OrderByDescending(text => text.Length)];
        }
    }

    public FrozenSet<string> Keywords { get; }

    public static LexicalRules Of(Language language) => s_all[(int)language];

    public bool IsKeyword(ReadOnlySpan<char> word) => _keywords.Contains(word);

    /// <summary>Length of the longest operator at the start of the text, at least 1.</summary>
    public int OperatorLength(ReadOnlySpan<char> text)
    {
        char first = text[0];
        if (first < 128 && _operators[first] is { } candidates)
        {
            foreach (string candidate in candidates)
            {
                if (text.StartsWith(candidate))
                {
                    return candidate.Length;
                }
            }
        }

        return 1;
    }

    private static string KeywordsOf(Language language) => language switch
    {
        Language.Java => "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally "
            + "float for goto if implements import instanceof int interface long native new package private protected public return short static "
            + "strictfp super switch synchronized this throw throws transient try void volatile while true false null",
        Language.Python => "False None True and as assert async await break class continue def del elif else except finally for from global if import "
            + "in is lambda nonlocal not or pass raise return try while with yield",
        Language.C => CKeywords,
        Language.Cpp => CKeywords + " alignas alignof and asm bitand bitor bool catch class compl concept consteval constexpr constinit const_cast "
            + "co_await co_return co_yield decltype delete dynamic_cast explicit export false friend mutable namespace new noexcept not nullptr "
            + "operator or private protected public reinterpret_cast requires static_assert static_cast template this thread_local throw true try "
            + "typeid typename using virtual wchar_t xor",
        Language.CSharp => "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum "
            + "event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null "
            + "object operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static string "
            + "struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while await var",
        Language.JavaScript => "await break case catch class const continue debugger default delete do else enum export extends false finally for function "
            + "if import in instanceof let new null return static super switch this throw true try typeof var void while with yield",
        Language.Go => "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return "
            + "select struct switch type var true false nil",
        _ => "",
    };

    private const string CKeywords = "auto break case char const continue default do double else enum extern float for goto if inline int long register "
        + "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while NULL _Bool";

    private static string OperatorsOf(Language language) => language switch
    {
        Language.Java => "== != <= >= && || ++ -- += -= *= /= %= &= |= ^= << >> >>> <<= >>= >>>= -> :: ...",
        Language.Python => "== != <= >= ** // += -= *= /= %= &= |= ^= @= << >> <<= >>= **= //= -> := ... <>",
        Language.C => COperators,
        Language.Cpp => COperators + " :: .* ->* <=>",
        Language.CSharp => "== != <= >= && || ++ -- += -= *= /= %= &= |= ^= << >> >>> <<= >>= >>>= => -> :: ?? ??= ?. ..",
        Language.JavaScript => "== != === !== <= >= && || ++ -- += -= *= /= %= &= |= ^= << >> >>> <<= >>= >>>= => ?? ??= ?. ... ** **= &&= ||=",
        Language.Go => "== != <= >= && || ++ -- += -= *= /= %= &= |= ^= << >> <<= >>= &^ &^= := <- ...",
        _ => "",
    };

    private const string COperators = "== != <= >= && || ++ -- += -= *= /= %= &= |= ^= << >> <<= >>= -> ... ##";
}
