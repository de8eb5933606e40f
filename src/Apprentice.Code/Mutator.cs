namespace Apprentice.Code;

/// <summary>Makes faults by rule for self-supervised training: one edit of a correct function that leaves it readable as a program.</summary>
/// <remarks>
/// Source: Allamanis, Jackson-Flux and Brockschmidt, 2021, arXiv:2105.12787, section 3, with more operators. Works on tokens and brackets, without types:
/// a fault may fail to compile but passes <see cref="SyntaxCheck"/> almost always. Thread-safe; all randomness comes from the caller.
/// </remarks>
public sealed class Mutator
{
    private const int Attempts = 8;

    private readonly double[] _weights;

    /// <summary>A mutator with its own weights.</summary>
    /// <param name="options">Weights of the operators; the defaults when null.</param>
    /// <exception cref="ArgumentException">The options have problems; all are named.</exception>
    public Mutator(MutatorOptions? options = null)
    {
        options ??= new MutatorOptions();
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        _weights = [.. MutationOperators.All.Select(name => options.Weights.GetValueOrDefault(name))];
    }

    /// <summary>One faulty version of a correct function, or null when it has no place for a fault.</summary>
    /// <param name="language">Language of the function.</param>
    /// <param name="code">The correct function.</param>
    /// <param name="next">Gives a number from 0 to its argument, that one excluded, each as likely.</param>
    public Mutation? Mutate(Language language, string code, Func<int, int> next)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(next);
        MutationSites sites = MutationSites.Collect(language, code);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int kind = Choose(sites, next);
            if (kind < 0)
            {
                return null;
            }

            if (Apply(language, code, sites, kind, next(sites.Count(kind)), next) is { } mutation)
            {
                return mutation;
            }
        }

        return null;
    }

    /// <summary>One faulty version made by a given operator, or null when the function has no place for it.</summary>
    /// <param name="language">Language of the function.</param>
    /// <param name="code">The correct function.</param>
    /// <param name="operatorName">One of the names in <see cref="MutationOperators"/>.</param>
    /// <param name="next">Gives a number from 0 to its argument, that one excluded, each as likely.</param>
    /// <exception cref="ArgumentException">No operator has that name.</exception>
    public static Mutation? MutateWith(Language language, string code, string operatorName, Func<int, int> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        int kind = IndexOf(operatorName);
        MutationSites sites = MutationSites.Collect(language, code);
        for (int attempt = 0; attempt < Attempts && sites.Count(kind) > 0; attempt++)
        {
            if (Apply(language, code, sites, kind, next(sites.Count(kind)), next) is { } mutation)
            {
                return mutation;
            }
        }

        return null;
    }

    /// <summary>Every faulty version of a function, one for each place and operator; where a place has several replacements, <paramref name="next"/> chooses one.</summary>
    /// <param name="language">Language of the function.</param>
    /// <param name="code">The correct function.</param>
    /// <param name="next">Gives a number from 0 to its argument, that one excluded, each as likely.</param>
    public static IEnumerable<Mutation> All(Language language, string code, Func<int, int> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        MutationSites sites = MutationSites.Collect(language, code);
        for (int kind = 0; kind < MutationOperators.All.Count; kind++)
        {
            for (int i = 0; i < sites.Count(kind); i++)
            {
                if (Apply(language, code, sites, kind, i, next) is { } mutation)
                {
                    yield return mutation;
                }
            }
        }
    }

    /// <summary>Number of places that each operator finds in a function, by operator name; operators without a place are absent.</summary>
    /// <param name="language">Language of the function.</param>
    /// <param name="code">The correct function.</param>
    public static IReadOnlyDictionary<string, int> Places(Language language, string code)
    {
        MutationSites sites = MutationSites.Collect(language, code);
        return Enumerable.Range(0, MutationOperators.All.Count).Where(kind => sites.Count(kind) > 0)
            .ToDictionary(kind => MutationOperators.All[kind], sites.Count);
    }

    internal static int IndexOf(string operatorName)
    {
        for (int i = 0; i < MutationOperators.All.Count; i++)
        {
            if (MutationOperators.All[i] == operatorName)
            {
                return i;
            }
        }

        throw new ArgumentException($"'{operatorName}' is no operator; known are {string.Join(", ", MutationOperators.All)}.", nameof(operatorName));
    }

    private int Choose(MutationSites sites, Func<int, int> next)
    {
        const int Resolution = 1 << 24;
        double total = 0;
        for (int kind = 0; kind < _weights.Length; kind++)
        {
            total += sites.Count(kind) > 0 ? _weights[kind] : 0;
        }

        if (total <= 0)
        {
            return -1;
        }

        double at = total * next(Resolution) / Resolution;
        int last = -1;
        for (int kind = 0; kind < _weights.Length; kind++)
        {
            if (sites.Count(kind) > 0 && _weights[kind] > 0)
            {
                last = kind;
                at -= _weights[kind];
                if (at < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    private static Mutation? Apply(Language language, string code, MutationSites sites, int kind, int index, Func<int, int> next)
    {
        string? faulty = sites.Apply(kind, index, next);
        if (faulty is null || faulty == code)
        {
            return null;
        }

        FaultLabels labels = LineDiff.Label(language, faulty, code);
        return labels.Lines.Count == 0
            ? null
            : new Mutation(faulty, labels.Lines, MutationOperators.All[kind]) { Insertion = labels.Insertion };
    }
}
