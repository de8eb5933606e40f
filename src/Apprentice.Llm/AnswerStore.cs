using System.Text;
using Microsoft.Data.Sqlite;

namespace Apprentice.Llm;

/// <summary>Keeps every answer under the hash of its request, on disk, before anything parses it: no answer is paid for twice.</summary>
/// <remarks>
/// A SQLite file in WAL mode. Each answer is one transaction that has reached the disk when <see cref="Add"/> returns, so
/// killing the process loses only requests in flight. Several processes may share a file; all members may be called from any
/// thread. SQLite works synchronously, hence no <c>Async</c> members. The creator disposes the store.
/// </remarks>
public sealed class AnswerStore : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();

    private AnswerStore(SqliteConnection connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How many answers are stored.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
            {
                using SqliteCommand command = _connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM answers";
                return (long)command.ExecuteScalar()!;
            }
        }
    }

    /// <summary>Opens a store, creating file and folder when they are absent.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LlmException">The file is no answer store or cannot be opened (<see cref="LlmProblem.Configuration"/>).</exception>
    public static AnswerStore Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
            connection.Open();

            // FULL: an answer that was paid for survives a power cut too, not only the end of the process.
            // One command each: a command of several statements swallows the errors of all after the first that returns rows.
            string[] statements =
            [
                "PRAGMA busy_timeout = 60000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                """
                CREATE TABLE IF NOT EXISTS answers (
                    request_hash TEXT PRIMARY KEY,
                    provider TEXT NOT NULL,
                    model TEXT NOT NULL,
                    custom_id TEXT NOT NULL,
                    request TEXT NOT NULL,
                    text TEXT NOT NULL,
                    answer_model TEXT NOT NULL,
                    finish_reason TEXT,
                    input_tokens INTEGER,
                    output_tokens INTEGER,
                    raw TEXT) WITHOUT ROWID
                """,
            ];
            foreach (string statement in statements)
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = statement;
                command.ExecuteNonQuery();
            }

            return new AnswerStore(connection, path);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new LlmException(LlmProblem.Configuration, $"{path}: cannot be opened as an answer store: {exception.Message} Move the file away or name another one.", exception);
        }
    }

    /// <summary>The stored answer to a request, or null.</summary>
    /// <param name="requestHash"><see cref="ChatRequest.Hash"/> of the request.</param>
    public ChatAnswer? Find(string requestHash)
    {
        ArgumentNullException.ThrowIfNull(requestHash);
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "SELECT text, answer_model, finish_reason, input_tokens, output_tokens, raw FROM answers WHERE request_hash = $hash";
            command.Parameters.AddWithValue("$hash", requestHash);
            using SqliteDataReader reader = command.ExecuteReader();
            return !reader.Read()
                ? null
                : new ChatAnswer
                {
                    RequestHash = requestHash,
                    Text = reader.GetString(0),
                    Model = reader.GetString(1),
                    FinishReason = reader.IsDBNull(2) ? null : reader.GetString(2),
                    InputTokens = reader.IsDBNull(3) ? null : reader.GetInt64(3),
                    OutputTokens = reader.IsDBNull(4) ? null : reader.GetInt64(4),
                    Raw = reader.IsDBNull(5) ? null : reader.GetString(5),
                };
        }
    }

    /// <summary>Stores an answer; the first one to a request stays.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="answer">What came back; its hash must be that of <paramref name="request"/>.</param>
    /// <returns>True when it was stored, false when the request had an answer already.</returns>
    /// <exception cref="ArgumentException">The answer belongs to another request.</exception>
    public bool Add(ChatRequest request, ChatAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        string hash = request.Hash;
        if (answer.RequestHash != hash)
        {
            throw new ArgumentException($"The answer belongs to request {answer.RequestHash}, not to {hash} ('{request.CustomId}').", nameof(answer));
        }

        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = """
                INSERT INTO answers VALUES ($hash, $provider, $model, $custom_id, $request, $text, $answer_model, $finish, $in, $out, $raw)
                ON CONFLICT (request_hash) DO NOTHING
                """;
            command.Parameters.AddWithValue("$hash", hash);
            command.Parameters.AddWithValue("$provider", request.Provider);
            command.Parameters.AddWithValue("$model", request.Model);
            command.Parameters.AddWithValue("$custom_id", request.CustomId);
            command.Parameters.AddWithValue("$request", Encoding.UTF8.GetString(RequestBody.ToBytes(request)));
            command.Parameters.AddWithValue("$text", answer.Text);
            command.Parameters.AddWithValue("$answer_model", answer.Model);
            command.Parameters.AddWithValue("$finish", (object?)answer.FinishReason ?? DBNull.Value);
            command.Parameters.AddWithValue("$in", (object?)answer.InputTokens ?? DBNull.Value);
            command.Parameters.AddWithValue("$out", (object?)answer.OutputTokens ?? DBNull.Value);
            command.Parameters.AddWithValue("$raw", (object?)answer.Raw ?? DBNull.Value);
            return command.ExecuteNonQuery() > 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _connection.Dispose();
        }
    }
}
