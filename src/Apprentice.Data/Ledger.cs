using Microsoft.Data.Sqlite;

namespace Apprentice.Data;

/// <summary>How many candidates reached each step.</summary>
/// <param name="Asked">All candidates.</param>
/// <param name="Parsed">Candidates that hold code.</param>
/// <param name="Compiled">Of these, candidates that compile.</param>
/// <param name="Validated">Of these, candidates that are what was asked for.</param>
/// <param name="Unique">Of these, candidates that repeat nothing.</param>
/// <param name="Selected">Of these, candidates chosen for training.</param>
public sealed record Funnel(int Asked, int Parsed, int Compiled, int Validated, int Unique, int Selected)
{
    /// <summary>The steps as one line.</summary>
    public override string ToString() =>
        $"asked {Asked} → parsed {Parsed} → compiled {Compiled} → validated {Validated} → unique {Unique} → selected {Selected}";
}

/// <summary>How many candidates a check dropped.</summary>
/// <param name="Stage">Step of the funnel.</param>
/// <param name="Check">Name of the check.</param>
/// <param name="Count">Candidates that this check, and no earlier one, dropped.</param>
/// <param name="Example">The reason given for one of them.</param>
public sealed record DropCount(FunnelStage Stage, string Check, int Count, string Example);

/// <summary>A candidate with all verdicts on it, in the order of the checks.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Verdicts">What the checks said.</param>
public sealed record CandidateHistory(Candidate Candidate, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>The verdict that ended the candidate's way, or null when none did.</summary>
    public Verdict? DroppedBy => Verdicts.FirstOrDefault(verdict => !verdict.Kept);

    /// <summary>The answer to "why is this not in?" as a sentence.</summary>
    public override string ToString() => DroppedBy is { } drop
        ? $"{Candidate.Id} ({Candidate.Kind} from {Candidate.ParentId}) was dropped by '{drop.Check}': {drop.Reason}"
        : Verdicts.Any(verdict => verdict.Stage == FunnelStage.Selected)
            ? $"{Candidate.Id} ({Candidate.Kind} from {Candidate.ParentId}) is in: it passed {Verdicts.Count} checks and was selected."
            : $"{Candidate.Id} ({Candidate.Kind} from {Candidate.ParentId}) passed {Verdicts.Count} checks; it was not put up for selection yet.";
}

/// <summary>All candidates of all runs and every verdict on them, row by row, in one SQLite file (WAL).</summary>
/// <remarks>
/// Recording is idempotent: the same candidate, or the same check on it, replaces what was there, so a step can be run again.
/// Each call of <c>Record</c> is one transaction. Several processes may share a file; members may be called from any thread. SQLite works
/// synchronously, hence no <c>Async</c> members. The creator disposes the ledger.
/// </remarks>
public sealed class Ledger : IDisposable
{
    private const string CandidateColumns = "id, run, kind, parent, request_hash, model, language, code";

    // The step at which a candidate's way ended (9: nowhere) and the furthest step with a verdict. A step without any check of its own,
    // such as compiling where there is no compiler, is passed by candidates that were judged later.
    private const string Reached = """
        SELECT candidates.id AS id,
            coalesce(min(CASE WHEN verdicts.kept = 0 THEN verdicts.stage END), 9) AS dropped,
            coalesce(max(verdicts.stage), 0) AS judged
        FROM candidates LEFT JOIN verdicts ON verdicts.candidate = candidates.id
        WHERE ($run IS NULL OR run = $run) AND ($kind IS NULL OR kind = $kind) AND ($model IS NULL OR model = $model)
        GROUP BY candidates.id
        """;

    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();

    private Ledger(SqliteConnection connection)
    {
        _connection = connection;
    }

    /// <summary>Opens a ledger, creating file and folder when they are absent.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DatasetException">The file is no ledger or cannot be opened.</exception>
    public static Ledger Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
            connection.Open();

            // One command each: a command of several statements swallows the errors of all after the first that returns rows.
            // NORMAL: the ledger survives the end of the process; after a power cut its last rows can be made again from stored answers.
            string[] statements =
            [
                "PRAGMA busy_timeout = 60000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                """
                CREATE TABLE IF NOT EXISTS candidates (
                    id TEXT PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL,
                    request_hash TEXT NOT NULL, model TEXT NOT NULL, language TEXT NOT NULL, code TEXT) WITHOUT ROWID
                """,
                """
                CREATE TABLE IF NOT EXISTS verdicts (
                    candidate TEXT NOT NULL, check_name TEXT NOT NULL, stage INTEGER NOT NULL, place INTEGER NOT NULL,
                    kept INTEGER NOT NULL, reason TEXT, PRIMARY KEY (candidate, check_name)) WITHOUT ROWID
                """,
                "CREATE INDEX IF NOT EXISTS candidates_run ON candidates (run, kind)",
            ];
            foreach (string statement in statements)
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = statement;
                command.ExecuteNonQuery();
            }

            return new Ledger(connection);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new DatasetException(path, null, $"cannot be opened as a ledger: {exception.Message} Move the file away or name another one.", exception);
        }
    }

    /// <summary>Records candidates; one with the same id is replaced, its verdicts stay.</summary>
    /// <param name="candidates">The candidates.</param>
    public void Record(params IEnumerable<Candidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        Write(
            $"INSERT INTO candidates ({CandidateColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET "
            + "run = excluded.run, kind = excluded.kind, parent = excluded.parent, request_hash = excluded.request_hash, "
            + "model = excluded.model, language = excluded.language, code = excluded.code",
            candidates.Select(candidate => new object?[]
            {
                candidate.Id, candidate.Run, candidate.Kind, candidate.ParentId, candidate.RequestHash, candidate.Model, candidate.Language, candidate.Code,
            }));
    }

    /// <summary>Records verdicts; the same check on the same candidate is replaced.</summary>
    /// <param name="verdicts">The verdicts; their candidates may be recorded before or after.</param>
    public void Record(params IEnumerable<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        Write(
            "INSERT INTO verdicts (candidate, check_name, stage, place, kept, reason) VALUES ($1, $2, $3, $4, $5, $6) "
            + "ON CONFLICT (candidate, check_name) DO UPDATE SET stage = excluded.stage, place = excluded.place, kept = excluded.kept, reason = excluded.reason",
            verdicts.Select(verdict => new object?[]
            {
                verdict.CandidateId, verdict.Check, (int)verdict.Stage, verdict.Order, verdict.Kept ? 1 : 0, verdict.Reason,
            }));
    }

    /// <summary>Forgets the verdicts of a run from one step on, before that step and those after it are run again with other settings.</summary>
    /// <param name="run">Name of the run.</param>
    /// <param name="from">First step to forget.</param>
    public void Forget(string run, FunnelStage from)
    {
        ArgumentNullException.ThrowIfNull(run);
        Write("DELETE FROM verdicts WHERE stage >= $2 AND candidate IN (SELECT id FROM candidates WHERE run = $1)", [[run, (int)from]]);
    }

    /// <summary>How many candidates reached each step.</summary>
    /// <param name="run">Only this run, or null for all.</param>
    /// <param name="kind">Only this kind, or null for all.</param>
    /// <param name="model">Only candidates of this language model, or null for all.</param>
    public Funnel Funnel(string? run = null, string? kind = null, string? model = null)
    {
        string steps = string.Concat(Enumerable.Range(1, 5).Select(step => $", count(CASE WHEN dropped > {step} AND judged >= {step} THEN 1 END)"));
        return Read(
            $"SELECT count(*){steps} FROM ({Reached})",
            [("$run", run), ("$kind", kind), ("$model", model)],
            row => new Funnel(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5)))[0];
    }

    /// <summary>The language models that a run asked, in alphabetical order.</summary>
    /// <param name="run">Only this run, or null for all.</param>
    public IReadOnlyList<string> Models(string? run = null) =>
        Read("SELECT DISTINCT model FROM candidates WHERE $run IS NULL OR run = $run ORDER BY model", [("$run", run)], row => row.GetString(0));

    /// <summary>How many candidates each check dropped first; a candidate counts once.</summary>
    /// <param name="run">Only this run, or null for all.</param>
    /// <param name="kind">Only this kind, or null for all.</param>
    public IReadOnlyList<DropCount> Drops(string? run = null, string? kind = null) => Read(
        """
        SELECT stage, check_name, count(*), min(reason) FROM (
            SELECT stage, place, check_name, reason, row_number() OVER (PARTITION BY candidate ORDER BY stage, place, check_name) AS first
            FROM verdicts JOIN candidates ON candidates.id = verdicts.candidate
            WHERE kept = 0 AND ($run IS NULL OR run = $run) AND ($kind IS NULL OR kind = $kind))
        WHERE first = 1 GROUP BY stage, check_name ORDER BY stage, min(place), check_name
        """,
        [("$run", run), ("$kind", kind)],
        row => new DropCount((FunnelStage)row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.IsDBNull(3) ? "" : row.GetString(3)));

    /// <summary>Why a candidate is in or not.</summary>
    /// <param name="id">Id of the candidate.</param>
    /// <returns>Its history, whose text answers the question, or null when no candidate has this id.</returns>
    public CandidateHistory? WhyNot(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        List<Candidate> found = Read($"SELECT {CandidateColumns} FROM candidates WHERE id = $id", [("$id", id)], ToCandidate);
        return found.Count == 0
            ? null
            : new CandidateHistory(found[0], Read(
                "SELECT candidate, check_name, stage, kept, reason, place FROM verdicts WHERE candidate = $id ORDER BY stage, place, check_name",
                [("$id", id)],
                row => new Verdict(row.GetString(0), row.GetString(1), (FunnelStage)row.GetInt32(2), row.GetInt32(3) == 1, row.IsDBNull(4) ? null : row.GetString(4)) { Order = row.GetInt32(5) }));
    }

    /// <summary>The candidates that reached a step, ordered by id.</summary>
    /// <param name="stage">The step.</param>
    /// <param name="run">Only this run, or null for all.</param>
    /// <param name="kind">Only this kind, or null for all.</param>
    public IReadOnlyList<Candidate> Reaching(FunnelStage stage, string? run = null, string? kind = null) => Read(
        $"SELECT {CandidateColumns} FROM candidates WHERE id IN (SELECT id FROM ({Reached}) WHERE dropped > {(int)stage} AND judged >= {(int)stage}) ORDER BY id",
        [("$run", run), ("$kind", kind), ("$model", null)],
        ToCandidate);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _connection.Dispose();
        }
    }

    private static Candidate ToCandidate(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Run = row.GetString(1),
        Kind = row.GetString(2),
        ParentId = row.GetString(3),
        RequestHash = row.GetString(4),
        Model = row.GetString(5),
        Language = row.GetString(6),
        Code = row.IsDBNull(7) ? null : row.GetString(7),
    };

    private void Write(string statement, IEnumerable<object?[]> rows)
    {
        lock (_lock)
        {
            // Immediate: two processes that both read first and write later would otherwise refuse each other.
            using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
            using SqliteCommand command = _connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = statement;
            foreach (object?[] row in rows)
            {
                command.Parameters.Clear();
                for (int i = 0; i < row.Length; i++)
                {
                    command.Parameters.AddWithValue($"${i + 1}", row[i] ?? DBNull.Value);
                }

                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    private List<T> Read<T>(string query, (string Name, string? Value)[] parameters, Func<SqliteDataReader, T> convert)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = query;
            foreach ((string name, string? value) in parameters)
            {
                command.Parameters.AddWithValue(name, (object?)value ?? DBNull.Value);
            }

            List<T> rows = [];
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(convert(reader));
            }

            return rows;
        }
    }
}
