using Apprentice.TestHost;

return TestWorker.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
