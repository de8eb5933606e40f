namespace Apprentice.Training;

/// <summary>Groups items so that a group has about a given number of tokens.</summary>
internal static class Batching
{
    /// <summary>Tokens a group of inference holds at most, unless one item alone is longer. Larger groups gain no speed and cost memory.</summary>
    public const int InferenceTokens = 4096;

    /// <summary>Groups in order.</summary>
    public static IEnumerable<List<T>> ByTokens<T>(IEnumerable<T> items, Func<T, int> tokens, int limit = InferenceTokens)
    {
        List<T> group = [];
        int held = 0;
        foreach (T item in items)
        {
            int count = tokens(item);
            if (group.Count > 0 && held + count > limit)
            {
                yield return group;
                group = [];
                held = 0;
            }

            group.Add(item);
            held += count;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }
}
