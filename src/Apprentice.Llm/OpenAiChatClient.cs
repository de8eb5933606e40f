using System.Buffers;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polly;
using Polly.Retry;

namespace Apprentice.Llm;

/// <summary>Asks any endpoint that offers OpenAI's <c>/chat/completions</c>: OpenAI, Azure, vLLM, Ollama, llama.cpp server and others.</summary>
/// <remarks>
/// Status 408, 429 and 5xx, broken connections, cut answers and time-outs are tried again, waiting as long as <c>Retry-After</c>
/// says, else exponentially with jitter. Everything that goes wrong is an <see cref="LlmException"/>; the key is in none of them.
/// May be called from any thread. The creator disposes the client.
/// </remarks>
public sealed class OpenAiChatClient : IChatClient
{
    private readonly HttpClient _http;
    private readonly OpenAiChatOptions _options;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _retry;
    private readonly Uri _url;

    /// <summary>A client for one endpoint.</summary>
    /// <param name="options">Address, model, key variable and limits.</param>
    /// <param name="handler">What sends the requests, or null for a plain one that follows no redirects.</param>
    /// <param name="time">Clock of time limits and waits, or null for the system's.</param>
    /// <exception cref="ArgumentException">The settings have problems; the message lists all.</exception>
    public OpenAiChatClient(OpenAiChatOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        _options = options;
        _time = time ?? TimeProvider.System;
        _url = new Uri(options.BaseUrl.AbsoluteUri.TrimEnd('/') + "/chat/completions");

        // A redirect would carry prompts to a host that the user did not name.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, handler is null)
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _retry = Retry(options, _time);
    }

    /// <summary>Asks once, with retries, and waits for the whole answer.</summary>
    /// <param name="messages">The conversation; text only.</param>
    /// <param name="options">Model and sampling settings; null for the endpoint's defaults.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer; its raw representation is the body as received.</returns>
    /// <exception cref="LlmException">There is no answer; says why and what to do.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatRequest request = ChatRequest.FromChat(messages, options, _options.Model);
        string? key = Key();
        byte[] body = RequestBody.ToBytes(request);
        return await _retry.ExecuteAsync(
            async token => (await AskAsync(request, body, key, token).ConfigureAwait(false)).ToChatResponse(),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks and hands on the answer as it is written (server-sent events).</summary>
    /// <remarks>Only the opening of the stream is tried again; once text has come, a broken stream is an error.</remarks>
    /// <param name="messages">The conversation; text only.</param>
    /// <param name="options">Model and sampling settings; null for the endpoint's defaults.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="LlmException">There is no answer, or the stream broke before its end.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatRequest request = ChatRequest.FromChat(messages, options, _options.Model);
        string? key = Key();
        byte[] body = RequestBody.ToBytes(request, stream: true);
        using HttpResponseMessage response = await _retry.ExecuteAsync(
            async token => await OpenAsync(request, body, key, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), Encoding.UTF8);
        int received = 0;
        while (true)
        {
            string? line = await NextLineAsync(reader, request, cancellationToken).ConfigureAwait(false);
            if (line is null)
            {
                throw Fail(LlmProblem.BadAnswer, request, "the stream ended without [DONE]; the answer is cut. Ask again.", transient: true);
            }

            received += line.Length;
            if (received > _options.LargestAnswer)
            {
                throw Fail(LlmProblem.BadAnswer, request, $"the answer is larger than {_options.LargestAnswer} bytes.");
            }

            if (!line.StartsWith("data:", StringComparison.Ordinal))
            {
                continue;
            }

            string data = line[5..].Trim();
            if (data == "[DONE]")
            {
                yield break;
            }

            yield return Update(data, request, key);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai-compatible", _options.BaseUrl, _options.Model)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ResiliencePipeline Retry(OpenAiChatOptions options, TimeProvider time)
    {
        ResiliencePipelineBuilder builder = new() { TimeProvider = time };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                MaxDelay = options.LongestRetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is LlmException { IsTransient: true } problem
                    && (problem.RetryAfter is null || problem.RetryAfter <= options.LongestRetryDelay)),
                DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as LlmException)?.RetryAfter),
            });
        }

        return builder.Build();
    }

    private async Task<ChatAnswer> AskAsync(ChatRequest request, byte[] body, string? key, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_options.Timeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await SendAsync(request, body, key, both.Token).ConfigureAwait(false);
            string text = await ReadAsync(response.Content, request, both.Token).ConfigureAwait(false);
            return Parse(text, request, key);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(request, exception, key);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(ChatRequest request, byte[] body, string? key, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_options.Timeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await SendAsync(request, body, key, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(request, exception, key);
        }
    }

    /// <summary>Sends one attempt and turns every status but success into a typed problem.</summary>
    private async Task<HttpResponseMessage> SendAsync(ChatRequest request, byte[] body, string? key, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (key is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            string text;
            try
            {
                text = await ReadAsync(response.Content, request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or LlmException)
            {
                // The status says enough; its explanation was cut.
                text = "";
            }

            throw StatusProblem(response, request, Excerpt.Of(text, key));
        }
    }

    private LlmException StatusProblem(HttpResponseMessage response, ChatRequest request, string said)
    {
        int status = (int)response.StatusCode;
        string detail = said.Length == 0 ? "without explanation" : $"and says: {said}";
        TimeSpan? retryAfter = RetryAfter(response.Headers.RetryAfter);
        string waited = retryAfter > _options.LongestRetryDelay
            ? $" It asks to wait {retryAfter.Value.TotalSeconds:0} s, longer than LongestRetryDelay ({_options.LongestRetryDelay.TotalSeconds:0} s): go on later."
            : "";
        return status switch
        {
            401 or 403 => Fail(LlmProblem.Configuration, request, $"the endpoint refuses the key (status {status}) {detail} "
                + (_options.KeyVariable is null ? "No key was sent: name its environment variable in KeyVariable." : $"Check the key in the environment variable {_options.KeyVariable}."), status: status),
            404 => Fail(LlmProblem.Configuration, request, $"the endpoint or the model '{request.Model}' does not exist (status 404) {detail} Check the base URL (usually ending in /v1) and the model's name.", status: status),
            429 => Fail(LlmProblem.RateLimited, request, $"the provider limits the rate (status 429) {detail}{waited} Lower the concurrency or go on later.", true, status, retryAfter),
            408 or >= 500 => Fail(LlmProblem.Server, request, $"the provider failed (status {status}) {detail}{waited} Go on later; stored answers are kept.", true, status, retryAfter),
            >= 300 and < 400 => Fail(LlmProblem.Configuration, request, $"the endpoint redirects to {response.Headers.Location} (status {status}); redirects are not followed. Set the base URL to the final address.", status: status),
            _ => Fail(LlmProblem.Refused, request, $"the provider refuses the request (status {status}) {detail}", status: status),
        };
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private async Task<string> ReadAsync(HttpContent content, ChatRequest request, CancellationToken cancellationToken)
    {
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            ArrayBufferWriter<byte> bytes = new(8192);
            while (true)
            {
                int read = await stream.ReadAsync(bytes.GetMemory(8192), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return Encoding.UTF8.GetString(bytes.WrittenSpan);
                }

                bytes.Advance(read);
                if (bytes.WrittenCount > _options.LargestAnswer)
                {
                    throw Fail(LlmProblem.BadAnswer, request, $"the answer is larger than LargestAnswer ({_options.LargestAnswer} bytes). Set MaxTokens, or check what stands behind the base URL.");
                }
            }
        }
    }

    private ChatAnswer Parse(string text, ChatRequest request, string? key)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            ChatAnswer answer = ChatAnswer.FromBody(request.Hash, document.RootElement, text);
            return answer.Model.Length == 0 ? answer with { Model = request.Model } : answer;
        }
        catch (JsonException exception)
        {
            throw Fail(LlmProblem.BadAnswer, request, $"expected JSON, found {(text.Length == 0 ? "nothing" : "'" + Excerpt.Of(text, key) + "'")}. Is the base URL that of an OpenAI-compatible API?", true, inner: exception);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            throw Fail(LlmProblem.BadAnswer, request, $"expected choices with a message, but {exception.Message}; found '{Excerpt.Of(text, key)}'.", inner: exception);
        }
    }

    private async Task<string?> NextLineAsync(StreamReader reader, ChatRequest request, CancellationToken cancellationToken)
    {
        // The limit holds for each line: a stream may take longer as a whole as long as it goes on.
        using CancellationTokenSource limit = new(_options.Timeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await reader.ReadLineAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(request, exception, null);
        }
    }

    private ChatResponseUpdate Update(string data, ChatRequest request, string? key)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(data);
            JsonElement root = document.RootElement;
            ChatResponseUpdate update = new() { Role = ChatRole.Assistant, ModelId = Name(root, "model") ?? request.Model };
            if (RequestBody.Optional(root, "choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0)
            {
                JsonElement choice = choices[0];
                if (RequestBody.Optional(choice, "delta") is { } delta && Name(delta, "content") is { Length: > 0 } text)
                {
                    update.Contents.Add(new TextContent(text));
                }

                update.FinishReason = Name(choice, "finish_reason") is { } reason ? new ChatFinishReason(reason) : null;
            }

            if (RequestBody.Optional(root, "usage") is { ValueKind: JsonValueKind.Object } usage)
            {
                update.Contents.Add(new UsageContent(new UsageDetails
                {
                    InputTokenCount = RequestBody.Optional(usage, "prompt_tokens")?.GetInt64(),
                    OutputTokenCount = RequestBody.Optional(usage, "completion_tokens")?.GetInt64(),
                }));
            }

            return update;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Fail(LlmProblem.BadAnswer, request, $"expected a chunk of a chat completion, found '{Excerpt.Of(data, key)}'.", inner: exception);
        }

        static string? Name(JsonElement element, string key) =>
            RequestBody.Optional(element, key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
    }

    private LlmException TimedOut(ChatRequest request) =>
        Fail(LlmProblem.Timeout, request, $"no complete answer within {_options.Timeout.TotalSeconds:0.#} s. Raise Timeout, or lower MaxTokens or the concurrency.", true);

    private LlmException Broken(ChatRequest request, Exception exception, string? key) =>
        exception is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }
            ? Fail(LlmProblem.BadAnswer, request, "the connection ended before the answer did.", true, inner: exception)
            : Fail(LlmProblem.Network, request, $"the connection failed: {Excerpt.Of(exception.Message, key)} Does the endpoint run, and is the base URL right?", true, inner: exception);

    private LlmException Fail(
        LlmProblem problem, ChatRequest request, string what, bool transient = false, int? status = null, TimeSpan? retryAfter = null, Exception? inner = null)
    {
        string id = request.CustomId.Length == 0 ? "" : $"request '{request.CustomId}': ";
        return new LlmException(problem, $"{_options.BaseUrl}: {id}{what}", inner)
        {
            IsTransient = transient,
            StatusCode = status,
            RetryAfter = retryAfter,
            CustomId = request.CustomId.Length == 0 ? null : request.CustomId,
        };
    }

    private string? Key()
    {
        if (_options.KeyVariable is not { Length: > 0 } name)
        {
            return null;
        }

        string? key = Environment.GetEnvironmentVariable(name)?.Trim();
        if (string.IsNullOrEmpty(key))
        {
            throw new LlmException(LlmProblem.Configuration, $"{_options.BaseUrl}: the environment variable {name} is not set; expected the key of the endpoint in it.");
        }

        // Checked here because the header's own error message would quote the key.
        if (key.Any(character => character is <= ' ' or > '~'))
        {
            throw new LlmException(LlmProblem.Configuration, $"{_options.BaseUrl}: the environment variable {name} holds spaces, line ends or characters outside ASCII; expected the bare key.");
        }

        return key;
    }
}
