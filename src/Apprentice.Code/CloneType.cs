namespace Apprentice.Code;

/// <summary>How alike two clones look, computed and not judged.</summary>
public static class CloneType
{
    /// <summary>Least token overlap of a clone of type 3.</summary>
    public const double Type3Overlap = 0.7;

    /// <summary><c>T1</c> for equal token sequences, <c>T2</c> for equal ones after renaming, <c>T3</c> for a token overlap of at least 0.7, else <c>T4</c>.</summary>
    /// <param name="language">Language of both texts.</param>
    /// <param name="a">One text.</param>
    /// <param name="b">The other text.</param>
    public static string Of(Language language, string a, string b)
    {
        List<string> tokensA = NormalForm.Tokens(language, a);
        List<string> tokensB = NormalForm.Tokens(language, b);
        if (tokensA.SequenceEqual(tokensB))
        {
            return "T1";
        }

        if (tokensA.Count == tokensB.Count && NormalForm.Renamed(language, a).SequenceEqual(NormalForm.Renamed(language, b)))
        {
            return "T2";
        }

        return NormalForm.Overlap(tokensA, tokensB) >= Type3Overlap ? "T3" : "T4";
    }
}
