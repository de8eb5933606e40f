using System.Runtime.InteropServices;

namespace Apprentice.Data;

/// <summary>How a row was found to repeat a test function.</summary>
public enum ContaminationKind
{
    /// <summary>Equal token sequences.</summary>
    SameText,

    /// <summary>More than the allowed share of the row's token windows occurs in one test function.</summary>
    Windows,

    /// <summary>The same with names numbered by first place, so that renaming hides nothing.</summary>
    RenamedWindows,
}

/// <summary>A row that must not be trained on, and why.</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="TestId">Id of the test function that it repeats.</param>
/// <param name="Kind">How it was found.</param>
/// <param name="Share">Share of the row's windows that occur in the test function, 0 to 1.</param>
public sealed record Contamination(string Id, string TestId, ContaminationKind Kind, double Share)
{
    /// <summary>The reason as a short sentence for the ledger.</summary>
    public string Reason => Kind switch
    {
        ContaminationKind.SameText => $"same tokens as test function {TestId}",
        ContaminationKind.Windows => FormattableString.Invariant($"{Share:0%} of its 13-token windows occur in test function {TestId}"),
        _ => FormattableString.Invariant($"{Share:0%} of its renamed 13-token windows occur in test function {TestId}"),
    };
}

/// <summary>What is left of a set, and what was dropped.</summary>
/// <typeparam name="T">Type of the rows.</typeparam>
/// <param name="Kept">Rows that repeat no test function, in their order.</param>
/// <param name="Dropped">Rows that do, in their order, with the reason.</param>
public sealed record DecontaminationReport<T>(IReadOnlyList<T> Kept, IReadOnlyList<(T Row, Contamination Reason)> Dropped);

/// <summary>Settings of decontamination.</summary>
public sealed record DecontaminationOptions
{
    /// <summary>Share of a row's windows that may occur in one test function. Default 0.5, the rule by which the public data was made.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>
    /// The same for windows with numbered names. Default 0.33: on public data it finds 496 of 500 copies that were renamed, reformatted and changed in one line
    /// of ten, and drops 0.4 % of unrelated functions (at 0.5: 483 and 0.1 %). 1 turns this test off.
    /// </summary>
    public double RenamedShare { get; init; } = 0.33;
}

/// <summary>Keeps test functions out of training data: 13-token windows against a list of evaluation functions.</summary>
/// <remarks>
/// Comments and spacing do not count. A row shorter than a window is one window. <see cref="Check"/> may not be called
/// from several threads at once.
/// </remarks>
public sealed class Decontamination
{
    /// <summary>Tokens in a window.</summary>
    public const int Window = 13;

    private readonly DecontaminationOptions _options;
    private readonly TokenPrint _print = new();
    private readonly List<ulong> _windows = [];
    private readonly List<string> _tests = [];
    private readonly Dictionary<UInt128, int> _texts = [];
    private readonly Dictionary<ulong, List<int>> _plain = [];
    private readonly Dictionary<ulong, List<int>> _renamed = [];
    private readonly Dictionary<int, int> _counts = [];

    /// <summary>Reads the evaluation functions.</summary>
    /// <param name="tests">All functions of all evaluation files, faulty and fixed texts alike.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public Decontamination(IEnumerable<CodeItem> tests, DecontaminationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tests);
        _options = options ?? new DecontaminationOptions();
        foreach (CodeItem test in tests)
        {
            int place = _tests.Count;
            _tests.Add(test.Id);
            _print.Read(test);
            _texts.TryAdd(_print.ExactKey(), place);
            _print.Windows(Window, _windows);
            Post(_plain, place);
            if (_options.RenamedShare < 1)
            {
                _print.RenamedWindows(Window, keepLiterals: true, _windows);
                Post(_renamed, place);
            }
        }
    }

    /// <summary>Number of evaluation functions.</summary>
    public int TestCount => _tests.Count;

    /// <summary>The test function that a row repeats, or null.</summary>
    /// <param name="row">The row's function.</param>
    public Contamination? Check(CodeItem row)
    {
        ArgumentNullException.ThrowIfNull(row);
        _print.Read(row);
        if (_texts.TryGetValue(_print.ExactKey(), out int same))
        {
            return new Contamination(row.Id, _tests[same], ContaminationKind.SameText, 1);
        }

        _print.Windows(Window, _windows);
        if (Most(_plain, _options.Share) is { } plain)
        {
            return new Contamination(row.Id, _tests[plain.Test], ContaminationKind.Windows, plain.Share);
        }

        if (_options.RenamedShare >= 1)
        {
            return null;
        }

        _print.RenamedWindows(Window, keepLiterals: true, _windows);
        return Most(_renamed, _options.RenamedShare) is { } renamed
            ? new Contamination(row.Id, _tests[renamed.Test], ContaminationKind.RenamedWindows, renamed.Share)
            : null;
    }

    /// <summary>Drops the rows of a set that repeat a test function in any of their texts.</summary>
    /// <typeparam name="T">Type of the rows.</typeparam>
    /// <param name="rows">The set.</param>
    /// <param name="functions">The texts of a row, for example <see cref="CodeItem.Of(FaultExample)"/>.</param>
    public DecontaminationReport<T> Clean<T>(IEnumerable<T> rows, Func<T, IEnumerable<CodeItem>> functions)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(functions);
        List<T> kept = [];
        List<(T, Contamination)> dropped = [];
        foreach (T row in rows)
        {
            if (functions(row).Select(Check).FirstOrDefault(found => found is not null) is { } reason)
            {
                dropped.Add((row, reason));
            }
            else
            {
                kept.Add(row);
            }
        }

        return new DecontaminationReport<T>(kept, dropped);
    }

    private void Post(Dictionary<ulong, List<int>> postings, int place)
    {
        foreach (ulong window in _windows)
        {
            ref List<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(postings, window, out _);
            places ??= new List<int>(1);
            if (places.Count == 0 || places[^1] != place)
            {
                places.Add(place);
            }
        }
    }

    private (int Test, double Share)? Most(Dictionary<ulong, List<int>> postings, double allowed)
    {
        _counts.Clear();
        (int test, int most) = (-1, 0);
        foreach (ulong window in _windows)
        {
            if (!postings.TryGetValue(window, out List<int>? places))
            {
                continue;
            }

            foreach (int place in places)
            {
                int count = ++CollectionsMarshal.GetValueRefOrAddDefault(_counts, place, out _);
                if (count > most || (count == most && place < test))
                {
                    (test, most) = (place, count);
                }
            }
        }

        double share = (double)most / _windows.Count;
        return share > allowed ? (test, share) : null;
    }
}
