using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Apprentice.Llm.Tests;

/// <summary>A chat endpoint on the loopback address that misbehaves as told.</summary>
internal sealed class HostileProvider : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<int, string, Reply> _script;
    private int _calls;
    private int _inFlight;

    /// <summary>Starts to answer; the script gets the call's number (from 1) and the last message of the request.</summary>
    public HostileProvider(Func<int, string, Reply> script)
    {
        _script = script;
        for (int attempt = 0; ; attempt++)
        {
            using TcpListener probe = new(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            try
            {
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                _listener.Start();
                BaseUrl = new Uri($"http://127.0.0.1:{port}/v1");
                break;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // Another process took the port between the probe and the start.
            }
        }

        _ = Task.Run(AcceptAsync);
    }

    public Uri BaseUrl { get; }

    public int Calls => Volatile.Read(ref _calls);

    public int MostInFlight { get; private set; }

    public ConcurrentBag<string> Prompts { get; } = [];

    public ConcurrentBag<string?> Keys { get; } = [];

    public static Reply Good(string text) => new(200, Body(text));

    public static string Body(string text) =>
        $$$$"""{"model":"tiny-1","choices":[{"index":0,"message":{"role":"assistant","content":{{{{JsonSerializer.Serialize(text)}}}}},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}""";

    public void Dispose() => _listener.Close();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            int call = Interlocked.Increment(ref _calls);
            MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref _inFlight));
            using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
            using JsonDocument document = JsonDocument.Parse(await reader.ReadToEndAsync());
            JsonElement messages = document.RootElement.GetProperty("messages");
            string prompt = messages[messages.GetArrayLength() - 1].GetProperty("content").GetString()!;
            Prompts.Add(prompt);
            Keys.Add(context.Request.Headers["Authorization"]);
            Reply reply = _script(call, prompt);
            await Task.Delay(reply.Delay);
            byte[] bytes = Encoding.UTF8.GetBytes(reply.Body);
            context.Response.StatusCode = reply.Status;
            if (reply.RetryAfter is not null)
            {
                context.Response.AddHeader("Retry-After", reply.RetryAfter);
            }

            context.Response.ContentLength64 = bytes.Length;
            Interlocked.Decrement(ref _inFlight);
            if (reply.Cut)
            {
                await context.Response.OutputStream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                await context.Response.OutputStream.FlushAsync();
                context.Response.Abort();
                return;
            }

            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client gave up, as some tests want.
        }
    }

    /// <summary>What the endpoint does with one call.</summary>
    internal sealed record Reply(int Status, string Body, string? RetryAfter = null, bool Cut = false)
    {
        public TimeSpan Delay { get; init; }
    }
}
